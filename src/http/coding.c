/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/coding.h"

#include <assert.h>

static const struct {
	struct span name;
	struct span suffix;
} coding_rows[CODING_COUNT] = {
	[CODING_IDENTITY] = { { "identity", 8 }, { "", 0 } },
	[CODING_BR] = { { "br", 2 }, { ".br", 3 } },
	[CODING_ZSTD] = { { "zstd", 4 }, { ".zst", 4 } },
	[CODING_GZIP] = { { "gzip", 4 }, { ".gz", 3 } },
};

struct span
coding_name(enum coding coding)
{
	assert(coding < CODING_COUNT);
	return coding_rows[coding].name;
}

struct span
coding_suffix(enum coding coding)
{
	assert(coding < CODING_COUNT);
	return coding_rows[coding].suffix;
}
