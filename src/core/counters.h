/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a worker counts, in memory that the master shares.
 *
 * One struct per slot, written by one worker at a time and read by anyone:
 * plain 64-bit stores, no locks.  The master maps them before it forks.
 */
#ifndef CORE_COUNTERS_H
#define CORE_COUNTERS_H

#include <stdint.h>

/* Room for a count per verdict; http/verdict.h has fewer. */
#define COUNTERS_VERDICTS 64

struct counters {
	/* Only ever rise. */
	uint64_t accepted;   /* connections */
	uint64_t requests;   /* answered, refused ones included */
	uint64_t status[6];  /* answers by class, 1xx to 5xx */
	uint64_t bytes_sent; /* heads and bodies */
	uint64_t verdicts[COUNTERS_VERDICTS]; /* refusals by reason */
	uint64_t timeouts;      /* connections closed by a deadline */
	uint64_t aborted;       /* bodies that could not be sent whole */
	uint64_t accept_errors; /* accept4 failed for want of resources */
	uint64_t log_dropped;   /* access log lines that could not be written */
	/* As of now. */
	uint64_t open; /* connections */
	uint64_t lent; /* buffers out with connections */
};

/* Maps n zeroed structs shared with children; NULL with errno. */
struct counters *counters_map(unsigned n);

/* Unmaps *countersp and sets it to NULL. */
void counters_unmap(struct counters **countersp, unsigned n);

#endif
