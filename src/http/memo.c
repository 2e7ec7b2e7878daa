/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/memo.h"

#include <stdlib.h>

#include "core/hash.h"

int
memo_init(struct memo *memo, unsigned nblocks)
{
	*memo = (struct memo){ .hash_key = hash_draw_key() };
	if (nblocks == 0)
		return 0;
	memo->nblocks = 1;
	while (memo->nblocks < nblocks)
		memo->nblocks *= 2;
	memo->blocks = calloc(memo->nblocks, sizeof(*memo->blocks));
	return memo->blocks == NULL ? -1 : 0;
}

static bool
memo_matches(const struct memo_block *block, const char *data, size_t len)
{
	return block->len > 0 && block->len <= len &&
	       memcmp(block->bytes, data, block->len) == 0;
}

/* Every byte is the same, so everything lies where it lay then. */
static void
memo_fill(
    const struct memo_block *block, struct request *request, const char *data)
{
	for (unsigned i = 0; i < block->nvalues; i++) {
		const struct memo_value *value = &block->values[i];

		request->value[value->field] =
		    (struct span){ data + value->at, value->len };
	}
	request->host = (struct span){ data + block->host_at, block->host_len };
	request->nfields = block->nfields;
	request->keep_alive = block->keep_alive;
	request->expect_continue = block->expect_continue;
}

static struct memo_block *
memo_place(struct memo *memo, const char *data, size_t len, uint32_t *hash)
{
	/* What is kept is most often what was sought just before. */
	*hash = len == memo->sought_len ? memo->sought_hash
					: hash_bytes(memo->hash_key, data, len);
	return &memo->blocks[*hash & (memo->nblocks - 1)];
}

size_t
memo_find(
    struct memo *memo, struct request *request, const char *data, size_t len)
{
	struct memo_block *block;
	uint32_t hash;

	if (memo->nblocks == 0)
		return 0;
	block = &memo->blocks[memo->last];
	if (!memo_matches(block, data, len)) {
		/* Most reads end where the head does: hash all that came. */
		if (len > MEMO_BLOCK_BYTES)
			return 0;
		memo->sought_len = 0;
		block = memo_place(memo, data, len, &hash);
		memo->sought_len = len;
		memo->sought_hash = hash;
		if (block->hash != hash || !memo_matches(block, data, len)) {
			memo->misses++;
			return 0;
		}
		memo->last = (uint32_t)(block - memo->blocks);
	}
	memo->hits++;
	memo_fill(block, request, data);
	return block->len;
}

/* A message without a body has neither of two fields, and the rest fits. */
_Static_assert(
    FIELD_COUNT - 2 <= MEMO_VALUES, "a block has too little room for values");

static void
memo_take_values(
    struct memo_block *block, const struct request *request, const char *data)
{
	unsigned n = 0;

	for (unsigned field = 0; field < FIELD_COUNT; field++) {
		struct span value = request->value[field];

		if (value.ptr == NULL)
			continue;
		block->values[n++] = (struct memo_value){
			.at = (uint16_t)(value.ptr - data),
			.len = (uint16_t)value.len,
			.field = (uint16_t)field,
		};
	}
	block->nvalues = (uint16_t)n;
}

void
memo_keep(struct memo *memo, const struct request *request, const char *data,
    size_t len)
{
	struct memo_block *block;
	uint32_t hash;

	/* What is rare is not worth keeping: bodies, repeated list fields. */
	if (memo->nblocks == 0 || len > MEMO_BLOCK_BYTES ||
	    request->nmore > 0 || request->chunked ||
	    request->value[FIELD_CONTENT_LENGTH].ptr != NULL)
		return;
	block = memo_place(memo, data, len, &hash);
	memo->sought_len = 0;
	memo_take_values(block, request, data);
	block->hash = hash;
	block->len = (uint16_t)len;
	block->host_at = (uint16_t)(request->host.ptr - data);
	block->host_len = (uint16_t)request->host.len;
	block->nfields = request->nfields;
	block->keep_alive = request->keep_alive;
	block->expect_continue = request->expect_continue;
	memcpy(block->bytes, data, len);
	memo->last = (uint32_t)(block - memo->blocks);
}

void
memo_fini(struct memo *memo)
{
	free(memo->blocks);
	*memo = (struct memo){ 0 };
}
