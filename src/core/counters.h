/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a worker counts, in memory that all processes of a server share.
 *
 * One struct per process, written by that process alone and read by anyone:
 * plain 64-bit stores, no locks.  They outlive the process, so that a sum over
 * all of them never falls; where they lie is in status/board.h.
 */
#ifndef CORE_COUNTERS_H
#define CORE_COUNTERS_H

#include <stdint.h>

#include "core/histogram.h"

/* Room for a count per verdict; http/verdict.h has fewer. */
#define COUNTERS_VERDICTS 64

/* As many as enum method, enum coding and enum deadline_kind have. */
#define COUNTERS_METHODS 6
#define COUNTERS_CODINGS 4
#define COUNTERS_WAITS   9

/* That of enum deadline_kind for the next request. */
#define COUNTERS_WAIT_KEEPALIVE 1

/* By the first digit of the status. */
#define COUNTERS_CLASSES 6

/* As of now: begins anew with each process. */
struct counters_now {
	uint64_t open;                    /* connections */
	uint64_t waiting[COUNTERS_WAITS]; /* of these, by what for */
	uint64_t lent;                    /* buffers out with connections */
	uint64_t memory_most;             /* bytes that it may take */
	uint64_t heap_calls; /* malloc, calloc, realloc since it was ready */
	uint64_t heap_bytes; /* that these asked for */
};

struct counters {
	/* These only ever rise. */
	uint64_t accepted;      /* connections */
	uint64_t rescued;       /* of these, from the queue of a dead worker */
	uint64_t accept_errors; /* accept4 failed for want of resources */
	uint64_t proxy_untrusted; /* connections of who is no trusted proxy */
	uint64_t proxy_refused;   /* headers of PROXY: bad, or not in time */
	uint64_t forwarded_bad;   /* requests for who could not be read */
	uint64_t requests;        /* answered, refused ones included */
	uint64_t answers[COUNTERS_METHODS][COUNTERS_CLASSES];
	uint64_t codings[COUNTERS_CODINGS];   /* of files answered with */
	uint64_t bytes_sent;                  /* heads and bodies */
	uint64_t verdicts[COUNTERS_VERDICTS]; /* refusals by reason */
	uint64_t timeouts;     /* connections closed by a deadline */
	uint64_t crowded_out;  /* requests cut or refused for want of buffers */
	uint64_t aborted;      /* answers that could not be sent whole */
	uint64_t sendfiles;    /* calls of sendfile(2) */
	uint64_t short_files;  /* became shorter while they were sent */
	uint64_t read_errors;  /* files that could not be read on */
	uint64_t disk_waits;   /* what helper threads were asked for */
	uint64_t disk_late;    /* who waited for them in vain */
	uint64_t cache_hits;   /* of the cache of files */
	uint64_t cache_misses; /* likewise */
	uint64_t cache_evictions;
	uint64_t log_lines;          /* of the access log, written */
	uint64_t log_dropped;        /* that could not be */
	uint64_t log_skipped;        /* that the configuration leaves out */
	struct histogram latency;    /* first byte in to last byte out */
	struct histogram first_byte; /* first byte in to first byte out */

	uint64_t conns_shed;        /* idle, closed to make room */
	uint64_t limits_dry;        /* what limits.dry_run let pass */
	uint64_t clients_forgotten; /* of the ledger, before their time */
	uint64_t clients_untracked; /* that it had no room for */

	struct counters_now now;
};

/* Adds what other counts, its now included. */
void counters_add(struct counters *into, const struct counters *other);

/* Takes other away, as far as there is something; its now is left out. */
void counters_subtract(struct counters *from, const struct counters *other);

#endif
