/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/clock.h"

#include <time.h>

int64_t
clock_now_us(void)
{
	struct timespec mono;

	/* Cannot fail: the clock is Linux's own. */
	(void)clock_gettime(CLOCK_MONOTONIC, &mono);
	return (int64_t)mono.tv_sec * 1000000 + mono.tv_nsec / 1000;
}

bool
clock_update(struct clock *clock)
{
	struct timespec wall;
	bool changed;

	/*
	 * Not the coarse one: that lags by a tick, and a file that was just
	 * written (its mtime may be exact, since Linux 6.13) would then seem to
	 * be of the future at each turn of a second.
	 */
	(void)clock_gettime(CLOCK_REALTIME, &wall);
	clock->mono_us = clock_now_us();
	clock->mono_ms = clock->mono_us / 1000;
	changed = clock->wall_s != wall.tv_sec;
	clock->wall_s = wall.tv_sec;
	clock->wall_us = (int)(wall.tv_nsec / 1000);
	return changed;
}
