/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long things took, in buckets that grow with the time.
 *
 * Each doubling has four buckets, so a value read back is within an eighth of
 * what was measured, from a microsecond to a minute.  Counting is a shift and
 * an increment; merging is adding.
 */
#ifndef CORE_HISTOGRAM_H
#define CORE_HISTOGRAM_H

#include <stdint.h>

/* Below 4 us a bucket each, then 4 for each doubling up to 2^26 us (67 s). */
#define HISTOGRAM_OCTAVES 24
#define HISTOGRAM_BUCKETS (4 + 4 * HISTOGRAM_OCTAVES + 1)

struct histogram {
	uint64_t count;
	uint64_t sum_us;
	uint64_t buckets[HISTOGRAM_BUCKETS]; /* the last: all that is longer */
};

/* The bucket of a time; the bucket's end is the first time of the next one. */
static inline unsigned
histogram_bucket(uint64_t us)
{
	unsigned top;

	if (us < 4)
		return (unsigned)us;
	top = 63 - (unsigned)__builtin_clzll(us);
	if (top >= HISTOGRAM_OCTAVES + 2)
		return HISTOGRAM_BUCKETS - 1;
	return 4 * (top - 1) + (unsigned)(us >> (top - 2) & 3);
}

static inline void
histogram_add(struct histogram *histogram, int64_t us)
{
	uint64_t time_us = us < 0 ? 0 : (uint64_t)us;

	histogram->count++;
	histogram->sum_us += time_us;
	histogram->buckets[histogram_bucket(time_us)]++;
}

/* The first time that is too long for bucket; UINT64_MAX for the last one. */
uint64_t histogram_end_us(unsigned bucket);

/*
 * The time that percent of all stay below, as the middle of its bucket;
 * 0 when nothing was counted.
 */
uint64_t histogram_percentile_us(
    const struct histogram *histogram, double percent);

#endif
