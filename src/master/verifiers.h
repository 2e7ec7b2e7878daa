/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The process that compares passwords with their hashes, one a generation.
 *
 * It gets the socket of each worker by its channel and leaves by itself when
 * master and workers have hung up, so that old workers, while they drain, keep
 * the one they had.  See worker/verifier.h.
 */
#ifndef MASTER_VERIFIERS_H
#define MASTER_VERIFIERS_H

#include "master/state.h"

/*
 * Forks one; *fd is this process's end of a channel.  Returns its pid, 0 in it,
 * or -1 with errno.
 */
pid_t verifiers_fork(const struct generation *generation, int *fd);

/* In that process: becomes nobody in particular, and works until the end. */
_Noreturn void verifiers_enter(
    const struct generation *generation, int control_fd, int client_fd);

/*
 * Starts the one of a generation and gives it to all its workers, if its
 * configuration has passwords.  Returns 0, or -1 with errno.
 */
int verifiers_start(struct master *master, struct generation *generation);

/* Makes it known to a worker of the generation, if there is one. */
void verifiers_connect(
    const struct generation *generation, const struct slot_process *process);

/* Takes note of one that ended; false when it was something else. */
bool verifiers_reap(struct master *master, pid_t pid, int status);

/* Lines of its log go to another file. */
void verifiers_reopen(
    const struct generation *generation, const struct logs *logs);

/* Starts another one when it is time. */
void verifiers_time(struct master *master);
int64_t verifiers_deadline(const struct master *master);

#endif
