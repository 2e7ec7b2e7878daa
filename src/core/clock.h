/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The time, read once a wake-up and passed down.
 *
 * Two clocks, because they answer two questions: the monotonic one says when
 * a deadline has passed and never jumps; the wall clock says what to write
 * into Date and the logs.  The first is the kernel's coarse clock: a few
 * milliseconds of error, a tenth of the cost.
 */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct clock {
	int64_t mono_ms; /* milliseconds since some fixed point */
	int64_t wall_s;  /* seconds since 1970-01-01 UTC */
};

/* Reads both clocks; true when wall_s is another second than before. */
bool clock_update(struct clock *clock);

#endif
