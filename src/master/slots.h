/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The worker processes: who runs in which slot, since when, and until when.
 *
 * A slot is a place for one worker of the generation that serves.  During a
 * reload a slot has two workers or more: the old ones, which drain, and the
 * new one.  The place of a process in the table is also its counters, so that
 * these never have two writers.
 */
#ifndef MASTER_SLOTS_H
#define MASTER_SLOTS_H

#include <stdint.h>
#include <sys/types.h>

#include "core/counters.h"
#include "os/socket.h"

/* Most slots; sock_steer() must be able to name them all. */
#define SLOTS_MAX SOCK_STEER_MAX

/* Most processes at a time, all that drain included. */
#define SLOTS_PROCESSES_MAX 2048

enum slot_state {
	SLOT_STARTING, /* forked */
	SLOT_READY,    /* waits for the others of its generation */
	SLOT_SERVING,
	SLOT_DRAINING, /* was told to leave */
};

struct slot_process {
	pid_t pid; /* 0: this place is free */
	unsigned slot;
	unsigned generation;
	int control_fd; /* -1: it closed its end */
	enum slot_state state;
	int64_t started_ms;
	int64_t deadline_ms; /* then it is killed; 0: never */
};

struct slots {
	struct slot_process *processes;
	unsigned nplaces; /* no process is at or behind this place */
	unsigned nlive;
	struct counters *counters;
	struct {
		int64_t retry_ms; /* when to start its next worker; 0: never */
		int64_t delay_ms; /* what the next crash waits; 0: nothing */
	} slot[SLOTS_MAX];
};

/* Allocates the tables.  Returns 0, or -1 with errno. */
int slots_init(struct slots *slots);

/* Closes and frees what is there; in a worker, all but its own end. */
void slots_fini(struct slots *slots);

/*
 * Forks.  In the master: the pid, with a process in the table that is
 * STARTING and has a deadline; in the child: 0, *control_fd is its end of the
 * channel, which it owns, and *counters what it counts in.  -1 with errno.
 */
pid_t slots_fork(struct slots *slots, unsigned slot, unsigned generation,
    int64_t now_ms, int *control_fd, struct counters **counters);

/* The process with this pid, or NULL. */
struct slot_process *slots_find(struct slots *slots, pid_t pid);

/* Takes a process that ended out of the table. */
void slots_remove(struct slots *slots, struct slot_process *process);

/*
 * Plans the next worker for a slot whose worker ended by itself: at once, or
 * after a delay that grows while workers die young.  Returns the delay.
 */
int64_t slots_retry(
    struct slots *slots, const struct slot_process *process, int64_t now_ms);

/*
 * Tells a process to leave within drain_ms, its timeouts.drain; its deadline
 * is a little later.
 */
void slots_drain(
    struct slot_process *process, int64_t now_ms, int64_t drain_ms);

#endif
