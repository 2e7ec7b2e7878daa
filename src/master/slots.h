/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The worker processes: who runs in which slot, since when, and until when.
 *
 * A slot is a place for one worker of the generation that serves.  During a
 * reload a slot has two workers or more: the old ones, which drain, and the
 * new one.  The place of a process in the table is also its place on the board,
 * with its counters, so that these never have two writers.
 */
#ifndef MASTER_SLOTS_H
#define MASTER_SLOTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "os/socket.h"
#include "status/board.h"

/* Most slots, and most processes at a time. */
#define SLOTS_MAX           BOARD_SLOTS
#define SLOTS_PROCESSES_MAX BOARD_PLACES

struct slot_process {
	pid_t pid; /* 0: this place is free */
	unsigned slot;
	unsigned generation;
	int control_fd;         /* -1: it closed its end */
	enum board_state state; /* see slots_set_state() */
	bool stopped; /* it said so: DRAINING, and it accepts no more */
	int64_t started_ms;
	int64_t deadline_ms; /* then it is killed; 0: never */
	int64_t killed_ms;   /* when it was; 0: it was not */
};

struct slots {
	struct slot_process *processes;
	unsigned nplaces; /* no process is at or behind this place */
	unsigned nlive;
	struct board *board; /* borrowed */
	struct {
		int64_t retry_ms; /* when to start its next worker; 0: never */
		int64_t delay_ms; /* what the next crash waits; 0: nothing */
		pid_t rescuer;    /* accepts for it meanwhile; 0: nobody */
	} slot[SLOTS_MAX];
};

/* Allocates the table; processes are shown on board.  0, or -1 with errno. */
int slots_init(struct slots *slots, struct board *board);

/* Closes and frees what is there; in a worker, all but its own end. */
void slots_fini(struct slots *slots);

/*
 * Forks.  In the master: the pid, with a process in the table that is
 * STARTING and has start_ms to be ready; in the child: 0, *control_fd is its
 * end of the channel, which it owns, and *counters what it counts in.  -1 with
 * errno: EUSERS when there are SLOTS_PROCESSES_MAX already.
 */
pid_t slots_fork(struct slots *slots, unsigned slot, unsigned generation,
    int64_t now_ms, int64_t start_ms, int *control_fd,
    struct counters **counters);

/* Why slots_fork() failed with this errno, and what helps; static text. */
const char *slots_explain(int error);

/* The process with this pid, or NULL. */
struct slot_process *slots_find(struct slots *slots, pid_t pid);

/* Takes a process that ended out of the table. */
void slots_remove(struct slots *slots, struct slot_process *process);

/* The process is in another state now. */
void slots_set_state(
    struct slots *slots, struct slot_process *process, enum board_state state);

/*
 * Plans the next worker for a slot whose worker ended by itself: at once, or
 * after a delay that grows while workers die young.  Returns the delay.
 */
int64_t slots_retry(
    struct slots *slots, const struct slot_process *process, int64_t now_ms);

/*
 * Sends a worker a message without which it would serve nobody.  One that does
 * not get it is killed, so that another takes its place.
 */
void slots_tell(const struct slot_process *process, char message);

/*
 * Tells a process to leave within drain_ms, its timeouts.drain; its deadline
 * is a little later.
 */
void slots_drain(struct slots *slots, struct slot_process *process,
    int64_t now_ms, int64_t drain_ms);

#endif
