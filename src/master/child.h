/* SPDX-License-Identifier: BSD-2-Clause */
/* From fork(2) to worker_run(): the first steps of a worker. */
#ifndef MASTER_CHILD_H
#define MASTER_CHILD_H

#include "master/state.h"

/* Keeps this process on the core that server.pin gives to a slot, if one. */
void child_pin(const struct generation *generation, unsigned slot);

/* Blocks and ignores signals as worker_run() wants it. */
void child_set_signals(void);

/* In a process that was forked for it: the first steps of a verifier. */
_Noreturn void child_run_verifier(
    struct master *master, const struct generation *generation, int control_fd);

/*
 * Which of n sockets take connections that begin with a header of the PROXY
 * protocol; next: once what was prepared last is in force.  An array that the
 * caller frees; NULL with errno.
 */
bool *child_with_proxy(
    const struct listeners *listeners, const int *fds, unsigned n, bool next);

/*
 * Starts the worker of a slot.  In the master it returns 0, or -1 with errno,
 * for slots_explain(); in the new process it does not return: it sets signals,
 * descriptors, name and privileges, and serves.
 */
int child_start(
    struct master *master, const struct generation *generation, unsigned slot);

#endif
