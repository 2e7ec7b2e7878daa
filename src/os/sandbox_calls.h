/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * seccomp: which system calls a process may make from now on, and with what
 * numbers as arguments; for all its threads, and for good.
 *
 * What is not on the list fails with ENOSYS, as on a kernel that does not have
 * it, so that a library that tries something new goes on without; the kernel's
 * audit log gets a line.  What only an intruder would do, to run a program or
 * to look into another process, ends the process with SIGSYS.
 *
 * A new system call of a worker needs a row in sandbox_calls.c.
 */
#ifndef OS_SANDBOX_CALLS_H
#define OS_SANDBOX_CALLS_H

#include <stdbool.h>
#include <stdint.h>

enum sandbox_calls_role { SANDBOX_CALLS_WORKER, SANDBOX_CALLS_VERIFIER };

/* Who asks, and what it needs beside what all of its kind do. */
struct sandbox_calls {
	enum sandbox_calls_role role;
	bool connects; /* to a syslogd that was started anew */
	bool chdirs;   /* watches folders without /proc: os/watch.h */
};

/* NULL, or why there can be no list here: what is missing, and what to do. */
const char *sandbox_calls_problem(void);

/*
 * The list is in force from now on; sets its bit in *parts.  Takes heap while
 * it works.  0, or -1 with errno; then nothing has changed.
 */
int sandbox_calls_enter(const struct sandbox_calls *who, uint32_t *parts);

#endif
