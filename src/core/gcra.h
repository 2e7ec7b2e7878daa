/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many requests in how much time: the generic cell rate algorithm (ITU-T
 * I.371), which needs one number for each client.
 *
 * That number is when what a client has asked for would all have come if it had
 * come evenly.  The further that lies ahead, the more it has asked for at once.
 * Times are nanoseconds of a clock that never goes back.
 */
#ifndef CORE_GCRA_H
#define CORE_GCRA_H

#include <stdint.h>

/* A limit.  Zero lets everything pass. */
struct gcra {
	uint64_t interval_ns; /* from one request to the next; 0: no limit */
	uint64_t ahead_ns;    /* what may have come at once, less one */
};

/*
 * So many requests an hour, and burst of them at once: at least 1.  per_hour 0
 * is no limit.
 */
struct gcra gcra_make(uint64_t per_hour, uint64_t burst);

/*
 * Whether one more request may come at now_ns: 0, and *even_ns is moved on; or
 * how long to wait until it may, if no other comes.  A client that is new has
 * an *even_ns of 0.  Where a stricter limit has set it, it is brought back to
 * the most that this one can set.
 */
uint64_t gcra_take(
    const struct gcra *limit, uint64_t *even_ns, uint64_t now_ns);

/* The same in whole seconds, rounded up. */
static inline uint64_t
gcra_wait_s(uint64_t wait_ns)
{
	return wait_ns / 1000000000 + (wait_ns % 1000000000 != 0);
}

#endif
