/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/listing_read.h"

#include <assert.h>
#include <errno.h>

#include "core/hash.h"
#include "serve/listing_shows.h"

/* A plain file is one piece of work; see listing_shows.h for others. */
#define LISTING_READ_SLICE 512

/* Adds up what a listing says of an entry; the order does not matter. */
static void
listing_read_hash(struct listing *listing, const struct listing_entry *entry)
{
	struct span name = listing_order_name(&listing->heap, entry);
	const uint64_t facts = entry->size ^ (uint64_t)entry->mtime_ns << 1 ^
			       (uint64_t)entry->folder << 63;

	for (unsigned i = 0; i < 2; i++)
		listing->hash[i] += hash_bytes(facts + i, name.ptr, name.len);
}

/* Keeps an entry; there is room. */
static void
listing_read_add(
    struct listing *listing, struct span name, const struct folder_stat *st)
{
	struct listing_entry entry = {
		.size = st->size,
		.mtime_ns = st->mtime_ns,
		.name_len = (uint16_t)name.len,
		.folder = S_ISDIR(st->mode),
	};
	size_t used;

	listing->names_at -= name.len;
	entry.name = (uint32_t)listing->names_at;
	memcpy(listing->arena + listing->names_at, name.ptr, name.len);
	if (entry.folder)
		entry.size = 0; /* it says nothing of what is in it */
	listing_read_hash(listing, &entry);
	listing_order_add(&listing->heap, &entry);
	used = listing->heap.n * sizeof(entry) + listing->arena_bytes -
	       listing->names_at;
	if (used > listing->used)
		listing->used = used;
}

static bool
listing_read_has_room(const struct listing *listing)
{
	const char *end =
	    (const char *)(listing->heap.entries + listing->heap.n + 1);

	return listing->arena + listing->names_at >= end + LISTING_NAME_BYTES;
}

void
listing_read_slice(struct listing *listing)
{
	struct folder_stat st;
	const char *name;

	listing->work = 0;
	while (listing->work < LISTING_READ_SLICE && listing->error == 0) {
		if (!listing_read_has_room(listing)) {
			listing->full = listing->parted = true;
			return;
		}
		switch (folder_next(&listing->folder, &name)) {
		case 1: break;
		case 0:
			listing->whole = true;
			folder_close(&listing->folder);
			return;
		default: listing->error = errno; return;
		}
		assert(name != NULL);
		if (listing_shows_name(listing, span_of(name), &st))
			listing_read_add(listing, span_of(name), &st);
	}
}

void
listing_read_empty(struct listing *listing)
{
	listing->names_at = listing->arena_bytes;
	listing->full = false;
}
