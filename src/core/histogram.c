/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/histogram.h"

uint64_t
histogram_end_us(unsigned bucket)
{
	unsigned octave = bucket / 4;

	if (bucket < 4)
		return bucket + 1;
	if (bucket >= HISTOGRAM_BUCKETS - 1)
		return UINT64_MAX;
	return (uint64_t)(4 + bucket % 4 + 1) << (octave - 1);
}

uint64_t
histogram_below(const struct histogram *histogram, uint64_t end_us)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		if (histogram_end_us(i) <= end_us)
			n += histogram->buckets[i];
	return n;
}

uint64_t
histogram_percentile_us(const struct histogram *histogram, double percent)
{
	uint64_t n = 0, begin_us = 0;
	double rank = (double)histogram->count * percent / 100.0;

	if (histogram->count == 0)
		return 0;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS - 1; i++) {
		uint64_t end_us = histogram_end_us(i);

		n += histogram->buckets[i];
		if (n > 0 && (double)n >= rank)
			return begin_us + (end_us - begin_us) / 2;
		begin_us = end_us;
	}
	return begin_us;
}

void
histogram_merge(struct histogram *into, const struct histogram *other)
{
	into->count += other->count;
	into->sum_us += other->sum_us;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		into->buckets[i] += other->buckets[i];
}
