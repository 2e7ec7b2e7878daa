/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/clock.h"

#include <time.h>

bool
clock_update(struct clock *clock)
{
	struct timespec mono, wall;
	bool changed;

	/* Neither call can fail: both clocks are Linux's own, both args valid.
	 */
	(void)clock_gettime(CLOCK_MONOTONIC_COARSE, &mono);
	/*
	 * Not the coarse one: that lags by a tick, and a file that was just
	 * written (its mtime may be exact, since Linux 6.13) would then seem to
	 * be of the future at each turn of a second.
	 */
	(void)clock_gettime(CLOCK_REALTIME, &wall);
	clock->mono_ms = (int64_t)mono.tv_sec * 1000 + mono.tv_nsec / 1000000;
	changed = clock->wall_s != wall.tv_sec;
	clock->wall_s = wall.tv_sec;
	return changed;
}
