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
