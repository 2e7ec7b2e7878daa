/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/store.h"

#include <stdlib.h>

/* Room for so many items when an array begins; it doubles from there. */
#define STORE_ARRAY_FIRST 4

struct store_block {
	struct store_block *older;
	max_align_t data[];
};

void *
store_alloc(struct store *store, size_t bytes)
{
	struct store_block *block = calloc(1, sizeof(*block) + bytes);

	if (block == NULL) {
		store->failed = true;
		return NULL;
	}
	block->older = store->newest;
	store->newest = block;
	return block->data;
}

char *
store_copy(struct store *store, struct span text)
{
	char *copy = store_alloc(store, text.len + 1);

	if (copy != NULL && text.len > 0)
		memcpy(copy, text.ptr, text.len);
	return copy;
}

/* An array is full when it holds 0, 4, 8, 16, ... items. */
static bool
store_is_full(unsigned nitems)
{
	if (nitems < STORE_ARRAY_FIRST)
		return nitems == 0;
	return (nitems & (nitems - 1)) == 0;
}

void *
store_grow(struct store *store, void *array, unsigned nitems, size_t item_bytes)
{
	size_t room = nitems == 0 ? STORE_ARRAY_FIRST : (size_t)nitems * 2;
	void *larger;

	if (!store_is_full(nitems))
		return array;
	larger = store_alloc(store, room * item_bytes);
	if (larger != NULL && nitems > 0)
		memcpy(larger, array, nitems * item_bytes);
	return larger;
}

void
store_fini(struct store *store)
{
	struct store_block *block;

	while ((block = store->newest) != NULL) {
		store->newest = block->older;
		free(block);
	}
	store->failed = false;
}
