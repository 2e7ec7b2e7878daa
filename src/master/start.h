/* SPDX-License-Identifier: BSD-2-Clause */
/* The steps of a start that the master and `tined -X` share. */
#ifndef MASTER_START_H
#define MASTER_START_H

#include "master/generation.h"
#include "master/listeners.h"

/*
 * Log lines go where the configuration wants them; until log_set_copy(-1) the
 * errors come to report_fd too, or if that is -1 to the terminal, where
 * somebody may wait.
 */
void start_use_log(const struct generation *generation, int report_fd);

/*
 * Locks the pidfile, unless path is "".  *fd is the lock, or -1 for none.
 * Returns 0, or -1 after it said who holds the lock, or what is wrong.
 */
int start_take_pidfile(const char *path, int *fd);

/*
 * In the background nobody would see what goes to the standard streams.
 * Returns 0, or -1 after it said which key sends something there.
 */
int start_check_background(const struct conf *conf);

/* Writes our number into the pidfile, if there is one: we serve. */
void start_write_pidfile(const char *path, int fd);

/* Quick mode has one address and one folder: prints them as a link. */
void start_print_url(
    const struct listeners *listeners, const struct generation *generation);

#endif
