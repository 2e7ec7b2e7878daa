/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The error log and the access logs of a configuration.
 *
 * The master opens them, with the rights it was started with, and hands the
 * descriptors to the workers, so that rotation works with dropped privileges.
 */
#ifndef MASTER_LOGS_H
#define MASTER_LOGS_H

#include "conf/conf.h"
#include "master/outcome.h"

struct logs {
	int error_fd;
	int *access_fds; /* of each, as conf_log() numbers them; -1: off */
	unsigned naccess;
};

/* Opens all.  Returns 0, or -1 with a line in *outcome and nothing open. */
int logs_open(
    struct logs *logs, const struct conf *conf, struct outcome *outcome);

/* Closes all; *logs holds nothing afterwards. */
void logs_close(struct logs *logs);

/*
 * Sends WORKER_REOPEN and WORKER_LOGS with the descriptors of the logs, which
 * are those of conf, to a worker.  0, or -1 with errno.
 */
int logs_send(const struct logs *logs, const struct conf *conf, int control_fd);

#endif
