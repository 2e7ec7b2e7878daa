/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbered items of work, shared out among processes.
 *
 * Each process takes the next item when it has done one, and writes what came
 * of it into memory that all share.  One that is killed, as for want of memory,
 * loses its item and no other.
 */
#ifndef TOOLS_CREW_H
#define TOOLS_CREW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CREW_MAX 256

struct crew_shared;

struct crew {
	struct crew_shared *shared;
	size_t map_bytes;
	size_t nitems;
	size_t result_bytes; /* of one */
	unsigned nalive;
	pid_t pids[CREW_MAX]; /* 0: it has ended */
	int signum;           /* that ended it all early; 0: none */
	char end[96];         /* how the last one ended that was killed */
	unsigned nkilled;
};

/*
 * Makes room for nitems results of result_bytes, all zeros.  0, or -1 with
 * errno.
 */
int crew_init(struct crew *crew, size_t nitems, size_t result_bytes);

/* The result of an item, for whoever does it to write and then all to read. */
void *crew_result(const struct crew *crew, size_t item);

/*
 * Starts nworkers processes, CREW_MAX at most.  Returns 1 in each of them,
 * which takes items and then calls _exit(); 0 in the process that called, which
 * waits; -1 with errno when there is none.  Signals that end us wait for
 * crew_wait().
 */
int crew_start(struct crew *crew, unsigned nworkers);

/* In a worker: takes the next item; false when it is time to leave. */
bool crew_take(struct crew *crew, size_t *item);

/* In a worker: says that it is so many steps further. */
void crew_advance(struct crew *crew, uint64_t steps);

/* True when somebody wants all to stop; asked between pieces of an item. */
bool crew_is_stopped(const struct crew *crew);

/* Stops all: what is under way is given up. */
void crew_stop(struct crew *crew);

/*
 * Waits until a worker ends, or timeout_ms; false when all have ended.  A
 * signal that ends us stops all, a second one kills them.
 */
bool crew_wait(struct crew *crew, unsigned timeout_ms);

/* The steps that all have said so far. */
uint64_t crew_steps(const struct crew *crew);

/* Gives the memory back, and then ends by the signal, if there was one. */
void crew_fini(struct crew *crew);

#endif
