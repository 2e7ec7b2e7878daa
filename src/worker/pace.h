/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How fast an answer may go: a bucket that fills by the clock, and bytes of the
 * body are taken out of it.
 *
 * It is looked at once per PACE_TICK_MS, so that all who wait for it wait
 * equally long, and a new one holds what flows in meanwhile: a small answer
 * never waits.
 */
#ifndef WORKER_PACE_H
#define WORKER_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"

/* How long an answer waits that may not go on. */
#define PACE_TICK_MS 100

struct pace {
	uint64_t rate;     /* bytes a second; 0: as fast as it can */
	int64_t level;     /* bytes that may go; below 0: too many went */
	int64_t filled_us; /* when it was filled last, monotonic */
};

/* Begins an answer at the rate of match. */
void pace_begin(
    struct pace *pace, const struct conf_match *match, int64_t now_us);

/* Lets in what flowed since then. */
void pace_fill(struct pace *pace, int64_t now_us);

/*
 * True when an answer with left bytes to go has to wait; with 0 it is about
 * bytes that were taken out and have not gone yet.
 */
bool pace_holds(const struct pace *pace, uint64_t left);

/* As much of len as may go now. */
static inline uint64_t
pace_cut(const struct pace *pace, uint64_t len)
{
	if (pace->rate == 0 || pace->level >= (int64_t)len)
		return len;
	return pace->level < 0 ? 0 : (uint64_t)pace->level;
}

/* Takes bytes out that go. */
static inline void
pace_spend(struct pace *pace, uint64_t len)
{
	if (pace->rate != 0)
		pace->level -= (int64_t)len;
}

#endif
