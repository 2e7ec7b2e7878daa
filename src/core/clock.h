/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The time, read once a wake-up and passed down.
 *
 * Two clocks, because they answer two questions: the monotonic one says when
 * a deadline has passed and how long a request took, and never jumps; the wall
 * clock says what to write into Date and the logs.
 */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct clock {
	int64_t mono_us; /* microseconds since some fixed point */
	int64_t mono_ms; /* the same in milliseconds */
	int64_t wall_s;  /* seconds since 1970-01-01 UTC */
	int wall_us;     /* of that second */
};

/* Reads both clocks; true when wall_s is another second than before. */
bool clock_update(struct clock *clock);

/* The monotonic clock as of now, for the end of what takes a while. */
int64_t clock_now_us(void);

#endif
