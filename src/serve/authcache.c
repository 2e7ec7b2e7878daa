/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/authcache.h"

#include <stdlib.h>
#include <string.h>

/* Rows among which the place of a tag is. */
#define AUTHCACHE_WAYS 4

int
authcache_init(struct authcache *cache, uint32_t nrows, int64_t keep_ms)
{
	*cache = (struct authcache){
		.rows = calloc(nrows, sizeof(*cache->rows)),
		.nsets = nrows / AUTHCACHE_WAYS,
		.keep_ms = keep_ms,
	};
	return cache->rows == NULL ? -1 : 0;
}

/* The set of a tag, whose bytes nobody outside can choose. */
static struct authcache_row *
authcache_set(const struct authcache *cache, const unsigned char *tag)
{
	uint32_t number;

	memcpy(&number, tag, sizeof(number));
	return cache->rows +
	       (size_t)(number & (cache->nsets - 1)) * AUTHCACHE_WAYS;
}

bool
authcache_has(
    const struct authcache *cache, const unsigned char *tag, int64_t now_ms)
{
	const struct authcache_row *rows = authcache_set(cache, tag);

	for (unsigned i = 0; i < AUTHCACHE_WAYS; i++)
		if (memcmp(rows[i].tag, tag, AUTHCACHE_TAG_BYTES) == 0)
			return now_ms < rows[i].until_ms;
	return false;
}

void
authcache_add(struct authcache *cache, const unsigned char *tag, int64_t now_ms)
{
	struct authcache_row *rows = authcache_set(cache, tag);
	struct authcache_row *row = rows;

	for (unsigned i = 0; i < AUTHCACHE_WAYS; i++) {
		if (memcmp(rows[i].tag, tag, AUTHCACHE_TAG_BYTES) == 0) {
			row = &rows[i];
			break;
		}
		if (rows[i].until_ms < row->until_ms)
			row = &rows[i];
	}
	memcpy(row->tag, tag, AUTHCACHE_TAG_BYTES);
	row->until_ms = now_ms + cache->keep_ms;
}

void
authcache_fini(struct authcache *cache)
{
	free(cache->rows);
	*cache = (struct authcache){ 0 };
}
