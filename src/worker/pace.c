/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/pace.h"

/* What a client that was slow may have at once: half a second's worth. */
#define PACE_FULL_PART 2

/* Less is not worth a packet, unless it is all that is left. */
#define PACE_LEAST_BYTES 1024

#define PACE_SECOND_US INT64_C(1000000)

void
pace_begin(struct pace *pace, const struct conf_match *match, int64_t now_us)
{
	pace->rate = match->rate;
	pace->level = (int64_t)(match->bandwidth_after_bytes +
				match->rate * PACE_TICK_MS / 1000);
	pace->filled_us = now_us;
}

/* What it holds at most, but for what goes before bandwidth counts. */
static int64_t
pace_full(const struct pace *pace)
{
	return (int64_t)(pace->rate / PACE_FULL_PART);
}

void
pace_fill(struct pace *pace, int64_t now_us)
{
	const int64_t full = pace_full(pace);
	int64_t waited_us = now_us - pace->filled_us;
	int64_t gained;

	if (pace->level >= full) {
		pace->filled_us = now_us;
		return;
	}
	if (waited_us > PACE_SECOND_US) {
		waited_us = PACE_SECOND_US;
		pace->filled_us = now_us - waited_us;
	}
	gained = (int64_t)pace->rate * waited_us / PACE_SECOND_US;
	/* Not up to now: a part of a byte must not be lost each time. */
	pace->filled_us += (gained * PACE_SECOND_US + (int64_t)pace->rate - 1) /
			   (int64_t)pace->rate;
	pace->level += gained;
	if (pace->level > full)
		pace->level = full;
}

bool
pace_holds(const struct pace *pace, uint64_t left)
{
	int64_t least = pace_full(pace);

	if (least > PACE_LEAST_BYTES)
		least = PACE_LEAST_BYTES;
	if ((uint64_t)least > left)
		least = (int64_t)left;
	return pace->level < least;
}
