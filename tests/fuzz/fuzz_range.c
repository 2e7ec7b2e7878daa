/* SPDX-License-Identifier: BSD-2-Clause */
/* Ranges lie inside the file and are apart; first byte: the file's size. */
#include "fuzz.h"

#include <assert.h>

#include "http/range.h"

#define MAX_RANGES 8

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct range ranges[MAX_RANGES];
	unsigned n = 0;
	uint64_t size;

	if (len == 0)
		return 0;
	size = data[0] < 250 ? data[0] : UINT64_MAX - data[0];
	if (range_parse((struct span){ (const char *)data + 1, len - 1 }, size,
		ranges, MAX_RANGES, &n) != RANGE_OK)
		return 0;
	assert(n >= 1 && n <= MAX_RANGES);
	for (unsigned i = 0; i < n; i++) {
		assert(ranges[i].first <= ranges[i].last);
		assert(ranges[i].last < size);
		for (unsigned j = 0; j < i; j++)
			assert(ranges[i].last + 1 < ranges[j].first ||
			       ranges[j].last + 1 < ranges[i].first);
	}
	return 0;
}
