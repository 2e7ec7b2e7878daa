/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order of what a folder holds, taken out piece by piece.
 *
 * Entries go into a heap as they are read and come out in order as they are
 * written, so that sorting costs a little at a time and nothing at once.
 * Folders come before files in every order.
 */
#ifndef SERVE_LISTING_ORDER_H
#define SERVE_LISTING_ORDER_H

#include <stdint.h>

#include "core/span.h"

enum listing_sort { LISTING_NAME, LISTING_SIZE, LISTING_TIME };

struct listing_order {
	enum listing_sort sort;
	bool descending;
};

struct listing_entry {
	uint64_t key[2]; /* nearly always decides; see listing_order_add() */
	uint64_t size;
	int64_t mtime_ns;
	uint32_t name; /* where it is in names */
	uint16_t name_len;
	bool folder;
};

struct listing_heap {
	struct listing_entry *entries; /* borrowed, as is names */
	const char *names;
	unsigned n;
	struct listing_order order;
};

/*
 * Names as people order them: case does not matter, and digits count as the
 * number that they are, so that file2 comes before file10.  Never 0 for two
 * different names.
 */
int listing_order_names(struct span a, struct span b);

/* Adds an entry but for its key, which is computed; there must be room. */
void listing_order_add(
    struct listing_heap *heap, const struct listing_entry *entry);

/* Takes the first of those that are left; there must be one. */
struct listing_entry listing_order_take(struct listing_heap *heap);

static inline struct span
listing_order_name(
    const struct listing_heap *heap, const struct listing_entry *entry)
{
	return (struct span){ heap->names + entry->name, entry->name_len };
}

#endif
