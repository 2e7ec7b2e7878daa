/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptors that a process is handed by number when it is started: by a
 * service manager that opened the sockets (LISTEN_FDS, sd_listen_fds(3)), or by
 * a master that is to be replaced (TINED_UPGRADE).
 *
 * TINED_UPGRADE is the number of a memory file with one line for each thing:
 *
 *	tined-upgrade 1
 *	master PID
 *	channel FD
 *	stderr FD
 *	board FD
 *	ledger FD
 *	command FD
 *	course SLOT ...
 *	listen own|foreign one|many FD[,FD ...] ADDRESS
 */
#ifndef MASTER_INHERIT_H
#define MASTER_INHERIT_H

#include <sys/types.h>

#include "master/listeners.h"
#include "master/outcome.h"

struct inherit {
	pid_t master;   /* that is to be replaced; 0: there is none */
	int channel_fd; /* to it; these are -1 where there is none */
	int report_fd;  /* what we say about our start goes there */
	int board_fd;
	int ledger_fd;
	int command_fd;
};

/*
 * Takes what there is, and removes the variables.  Sockets become groups of
 * *listeners.  With a master to be replaced, stderr is what it has, and the log
 * has its copy in report_fd.
 * Returns 0, or -1 with lines in *outcome.
 */
int inherit_take(struct inherit *inherit, struct listeners *listeners,
    struct outcome *outcome);

/*
 * In the child that becomes the next master: writes the memory file, lets its
 * descriptors live on through exec, and sets the variable.  stderr_fd is what
 * it shall have as stderr when it has started.  Returns 0, or -1 with errno.
 */
int inherit_give(const struct inherit *inherit,
    const struct listeners *listeners, int stderr_fd);

#endif
