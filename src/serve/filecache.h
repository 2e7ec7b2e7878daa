/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The resources that were asked for lately, one cache per worker.
 *
 * All its memory is taken at start: a table of slots, found by a keyed hash of
 * site and path, compared whole; a full table gives up the slot that CLOCK
 * points at.  What is not there is remembered too, for a short time and in
 * slots of its own, so that a scan for missing files cannot push out real ones.
 *
 * A slot is good while its directory is watched and has not changed; where
 * nobody tells of changes, for valid_ms.
 */
#ifndef SERVE_FILECACHE_H
#define SERVE_FILECACHE_H

#include "core/clock.h"
#include "core/counters.h"
#include "serve/dirwatch.h"
#include "serve/resource.h"

/* A longer path is opened anew for each request. */
#define FILECACHE_PATH_BYTES 192

struct filecache_slot {
	struct resource resource;
	const struct site *site; /* NULL: the slot is free */
	struct dirwatch_stamp stamp;
	int64_t opened_ms;
	uint32_t hash;
	uint32_t next; /* in the bucket: slot number + 1; 0: the last */
	bool used;     /* since the hand of the clock passed */
	bool unread;   /* others had a file that memory is wanted for */
	uint16_t path_len;
	char path[FILECACHE_PATH_BYTES];
};

/* A run of slots with a clock of its own. */
struct filecache_ring {
	uint32_t first;
	uint32_t nslots;
	uint32_t hand;
	uint32_t free;    /* slots given up, by next: slot number + 1 */
	uint32_t nfilled; /* slots before this one were in use at some time */
};

struct filecache_opts {
	unsigned nfiles;   /* slots for what exists; 0: no cache */
	unsigned nmissing; /* slots for what does not */
	size_t memory_bytes;
	size_t small_bytes;
	int64_t valid_ms;
	size_t keep; /* see slab_init() */
};

/* What became of a look into the cache. */
enum filecache_lookup {
	FILECACHE_UNASKED,
	FILECACHE_HIT,
	FILECACHE_MISS,
};

struct errands;

struct filecache {
	struct files files;
	const struct mime_map *mime; /* borrowed */
	struct dirwatch watch;
	int64_t valid_ms;
	uint64_t hash_key;
	struct filecache_slot *slots;
	uint32_t *buckets; /* slot number + 1; 0: empty */
	uint32_t nbuckets; /* a power of two */
	struct filecache_ring found;
	struct filecache_ring missing;
	struct errands *errands;      /* borrowed; NULL: opening may wait */
	struct resource uncached;     /* the last one that got no slot */
	enum filecache_lookup lookup; /* of the last filecache_get() */
	struct counters *counters;    /* borrowed */
};

/* Takes all the memory.  0, or -1 with errno ENOMEM. */
int filecache_init(struct filecache *cache, const struct filecache_opts *opts,
    const struct mime_map *mime, struct counters *counters);

/*
 * What path, decoded and beginning with '/', stands for on site.  Lent until
 * the next call; a file that is to stay longer needs a file_get().  Where that
 * may wait for a disk its error is one of errand_open(): it is to be asked for
 * again when that errand is done.
 */
const struct resource *filecache_get(struct filecache *cache,
    const struct site *site, struct span path, const struct clock *clock);

/* Gives up a remote file that is lent no more: none is kept open. */
void filecache_let_go(struct filecache *cache);

/*
 * Gives up a file that holds a descriptor which nobody else uses, for whoever
 * needs one more.  False when there is none.
 */
bool filecache_yield(struct filecache *cache);

/* Also after a filecache_init() that failed. */
void filecache_fini(struct filecache *cache);

#endif
