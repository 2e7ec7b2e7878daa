/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads that do what may wait for a disk, so that the loop which gives them
 * tasks need not.
 *
 * Whoever gives a task owns its memory and does not touch it until it is done.
 * A task that hangs keeps its thread: so the last thread that is free is for a
 * group that has none, and where one of a subject hangs, others of that subject
 * wait for it.
 */
#ifndef OS_HELPERS_H
#define OS_HELPERS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

/* Most threads. */
#define HELPERS_MAX 64

/* What a thread may need at most. */
#define HELPERS_STACK_BYTES ((size_t)512 * 1024)

/* Whoever is at a task for so long hangs, until it comes back. */
#define HELPERS_HANG_MS 200

struct helper_task {
	STAILQ_ENTRY(helper_task) link;
	/* Runs in a thread: no heap, no log, nothing that is not its own. */
	void (*run)(struct helper_task *task);
	uint64_t group;   /* whom it is for */
	uint64_t subject; /* what it is about */
	bool queued;      /* no thread has begun */
};

STAILQ_HEAD(helper_tasks, helper_task);

/* What a thread is at; task NULL: nothing. */
struct helper {
	struct helpers *helpers;
	pthread_t thread;
	const struct helper_task *task;
	int64_t began_ms;
};

struct helpers {
	int done_fd; /* readable when tasks are done; -1: there are no threads
		      */
	unsigned nthreads;
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t work;
	pthread_cond_t changed; /* nalive has */
	unsigned nalive;
	unsigned nbusy; /* with tasks, or with closing */
	bool closing;   /* one of them is */
	bool stopping;
	struct helper_tasks queue;
	struct helper_tasks done;
	int *closes; /* descriptors to close, a ring */
	unsigned ncloses, closes_at, closes_max;
	struct helper all[HELPERS_MAX];
};

/*
 * Starts nthreads threads, which block all signals, and makes room for ncloses
 * descriptors.  It takes as many threads as there are to be had: see nthreads.
 * 0, or -1 with errno; helpers_stop(), then helpers_fini(), may follow either.
 */
int helpers_start(struct helpers *helpers, unsigned nthreads, unsigned ncloses);

/* Gives a task, whose run, group and subject are set. */
void helpers_give(struct helpers *helpers, struct helper_task *task);

/* Takes a task back that nobody has begun; false: somebody has. */
bool helpers_take_back(struct helpers *helpers, struct helper_task *task);

/* A task that is done, its giver's again; NULL: none, and done_fd is empty. */
struct helper_task *helpers_next_done(struct helpers *helpers);

/* Closes fd, which may wait; here and now, where there is no room. */
void helpers_close(struct helpers *helpers, int fd);

/*
 * Ends the threads; what was not begun never is.  False when some still hang
 * after wait_ms: then what tasks know must stay until the process ends.
 */
bool helpers_stop(struct helpers *helpers, int64_t wait_ms);

/* No thread may be left, and no task be wanted. */
void helpers_fini(struct helpers *helpers);

#endif
