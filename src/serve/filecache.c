/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/filecache.h"

#include <errno.h>
#include <stdlib.h>

#include "core/hash.h"
#include "serve/errand.h"

/* Slots given up to make room for one file: more would cost too much. */
#define FILECACHE_TRIES 8

/* Files that are being sent and no longer in a slot, before the heap helps. */
#define FILECACHE_SPARE_FILES 32

/* Directories watched: a tree has some files in each of them. */
#define FILECACHE_FILES_PER_DIR 4
#define FILECACHE_DIRS_MIN      16

int
filecache_init(struct filecache *cache, const struct filecache_opts *opts,
    const struct mime_map *mime, struct counters *counters)
{
	unsigned nslots = opts->nfiles == 0 ? 0 : opts->nfiles + opts->nmissing;
	unsigned ndirs = opts->nfiles / FILECACHE_FILES_PER_DIR;

	if (opts->nfiles > 0 && ndirs < FILECACHE_DIRS_MIN)
		ndirs = FILECACHE_DIRS_MIN;
	*cache = (struct filecache){
		.mime = mime,
		.counters = counters,
		.valid_ms = opts->valid_ms,
		.hash_key = hash_draw_key(),
		.nbuckets = 1,
		.found = { .first = 0, .nslots = opts->nfiles },
		.missing = { .first = opts->nfiles,
		    .nslots = nslots - opts->nfiles },
		.watch.fd = -1,
	};
	while (cache->nbuckets < nslots)
		cache->nbuckets *= 2;
	cache->slots = calloc(nslots + 1, sizeof(*cache->slots));
	cache->buckets = calloc(cache->nbuckets, sizeof(*cache->buckets));
	if (cache->slots == NULL || cache->buckets == NULL)
		return -1;
	if (files_init(&cache->files, opts->nfiles + FILECACHE_SPARE_FILES,
		opts->memory_bytes, opts->small_bytes, opts->keep) == -1)
		return -1;
	return dirwatch_init(&cache->watch, ndirs);
}

static uint32_t
filecache_hash(
    const struct filecache *cache, const struct site *site, struct span path)
{
	/* Sites that share a path need not share a bucket. */
	return hash_bytes(
	    cache->hash_key ^ (uintptr_t)site, path.ptr, path.len);
}

static struct filecache_slot *
filecache_find(struct filecache *cache, const struct site *site,
    struct span path, uint32_t hash)
{
	uint32_t at = cache->buckets[hash & (cache->nbuckets - 1)];

	while (at != 0) {
		struct filecache_slot *slot = &cache->slots[at - 1];

		if (slot->hash == hash && slot->site == site &&
		    slot->path_len == path.len &&
		    memcmp(slot->path, path.ptr, path.len) == 0)
			return slot;
		at = slot->next;
	}
	return NULL;
}

static struct filecache_ring *
filecache_ring_of(struct filecache *cache, const struct filecache_slot *slot)
{
	return slot < cache->slots + cache->missing.first ? &cache->found
							  : &cache->missing;
}

static void
filecache_drop(struct filecache *cache, struct filecache_slot *slot)
{
	struct filecache_ring *ring = filecache_ring_of(cache, slot);
	uint32_t number = (uint32_t)(slot - cache->slots) + 1;
	uint32_t *link = &cache->buckets[slot->hash & (cache->nbuckets - 1)];

	while (*link != number)
		link = &cache->slots[*link - 1].next;
	*link = slot->next;
	resource_close(&slot->resource, &cache->files);
	slot->site = NULL;
	slot->next = ring->free;
	ring->free = number;
}

/* CLOCK: what was used since the hand last came by has one more round. */
static void
filecache_evict(struct filecache *cache, struct filecache_ring *ring)
{
	for (uint32_t i = 0; i < 2 * ring->nfilled; i++) {
		struct filecache_slot *slot =
		    &cache->slots[ring->first + ring->hand];

		ring->hand = (ring->hand + 1) % ring->nfilled;
		if (slot->site == NULL)
			continue;
		if (!slot->used) {
			filecache_drop(cache, slot);
			cache->counters->cache_evictions++;
			return;
		}
		slot->used = false;
	}
}

bool
filecache_yield(struct filecache *cache)
{
	struct filecache_ring *ring = &cache->found;

	for (uint32_t i = 0; i < ring->nfilled; i++) {
		struct filecache_slot *slot =
		    &cache->slots[ring->first + ring->hand];

		ring->hand = (ring->hand + 1) % ring->nfilled;
		if (!resource_holds_descriptor(&slot->resource))
			continue;
		filecache_drop(cache, slot);
		cache->counters->cache_evictions++;
		return true;
	}
	return false;
}

static struct filecache_slot *
filecache_take(struct filecache *cache, struct filecache_ring *ring)
{
	struct filecache_slot *slot;

	if (ring->free == 0 && ring->nfilled < ring->nslots)
		return &cache->slots[ring->first + ring->nfilled++];
	if (ring->free == 0)
		filecache_evict(cache, ring);
	slot = &cache->slots[ring->free - 1];
	ring->free = slot->next;
	return slot;
}

/*
 * Reads small files into memory, at the cost of others up to tries times if
 * there is none.  False when somebody else uses one, whose descriptor stays.
 */
static bool
filecache_read(struct filecache *cache, struct resource *resource, int tries)
{
	bool all = true;

	for (int coding = 0; coding < CODING_COUNT; coding++) {
		struct file *file = resource->files[coding];

		if (file == NULL || !file_wants_memory(&cache->files, file))
			continue;
		if (file->refs > 1) {
			all = false;
			continue;
		}
		while (file_read(&cache->files, file) == -1 &&
		       errno == ENOMEM && tries-- > 0)
			filecache_evict(cache, &cache->found);
	}
	return all;
}

/* Kept out of filecache_get(), so that what is done most of the time is small.
 */
static void filecache_read_late(
    struct filecache *cache, struct filecache_slot *slot) __attribute__((cold));

/* The same later, when nobody else uses a file any more, and at no cost. */
static void
filecache_read_late(struct filecache *cache, struct filecache_slot *slot)
{
	slot->unread = !filecache_read(cache, &slot->resource, 0);
}

static void
filecache_insert(
    struct filecache *cache, struct filecache_slot *slot, struct span path)
{
	uint32_t *bucket = &cache->buckets[slot->hash & (cache->nbuckets - 1)];

	memcpy(slot->path, path.ptr, path.len);
	slot->path_len = (uint16_t)path.len;
	slot->used = false;
	slot->next = *bucket;
	*bucket = (uint32_t)(slot - cache->slots) + 1;
}

static bool
filecache_is_current(const struct filecache *cache,
    const struct filecache_slot *slot, const struct clock *clock)
{
	bool fresh = clock->mono_ms - slot->opened_ms < cache->valid_ms;
	bool watched = slot->stamp.dir != NULL;

	if (watched && !dirwatch_is_current(&cache->watch, &slot->stamp))
		return false;
	/* Nobody tells that a folder came to be where there was none. */
	if (slot->resource.error != 0)
		return fresh;
	if (watched && slot->resource.plain)
		return true;
	/* A size and a tag of before do not go with the bytes of now. */
	return fresh && resource_is_unchanged(&slot->resource);
}

/* True when an error is trouble of ours, which says nothing about the path. */
static bool
filecache_is_trouble(int error)
{
	switch (error) {
	case EBUSY:
	case EINPROGRESS:
	case EIO:
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case ESTALE:
	case ETIMEDOUT: return true;
	default: return false;
	}
}

/* True when there were no descriptors for it. */
static bool
filecache_lacks(const struct resource_found *found)
{
	return found->error == EMFILE || found->error == ENFILE;
}

/* Opens path, at the cost of others if there are no descriptors. */
static int
filecache_find_files(struct filecache *cache, const struct site *site,
    struct span path, const struct resource_how *how,
    struct resource_found *found)
{
	int tries = FILECACHE_TRIES;

	for (;;) {
		resource_find(found, site, path, how);
		if (!filecache_lacks(found) || tries-- == 0 ||
		    !filecache_yield(cache))
			return found->error;
	}
}

/* The same where a disk is not waited for: EAGAIN for what may have to. */
static int
filecache_find_now(struct filecache *cache, const struct site *site,
    struct span path, bool warm, struct resource_found *found)
{
	const struct resource_how how = {
		.now = true,
		/* What will not be kept in memory need not be there. */
		.small_bytes = warm || cache->found.nslots == 0
				   ? 0
				   : cache->files.small_bytes,
	};

	return site->storage == STORAGE_REMOTE
		   ? EAGAIN
		   : filecache_find_files(cache, site, path, &how, found);
}

/* What an errand for path came to, or the error of another one. */
static void
filecache_ask(struct filecache *cache, const struct site *site,
    struct span path, struct errand *held, const struct clock *clock,
    struct dirwatch_stamp *stamp)
{
	struct resource *resource = &cache->uncached;

	if (held != NULL && !held->made && filecache_lacks(&held->found) &&
	    filecache_yield(cache))
		held = NULL; /* to be asked for anew */
	if (held == NULL) {
		*resource = (struct resource){ 0 };
		resource->error =
		    errand_open(cache->errands, site, path, stamp);
		if (resource->error == 0)
			resource_open(resource, &cache->files, cache->mime,
			    site, path, clock->wall_s);
		return;
	}
	if (!held->made)
		resource_make(&held->resource, &cache->files, cache->mime, site,
		    path, clock->wall_s, &held->found);
	held->made = true;
	*stamp = held->stamp;
	resource_share(resource, &held->resource);
}

/*
 * Opens path, or has it opened.  *stamp is of now, and becomes one of before
 * that.
 */
static void
filecache_open(struct filecache *cache, const struct site *site,
    struct span path, const struct clock *clock, struct dirwatch_stamp *stamp)
{
	const struct resource_how how = { 0 };
	struct errand *held = NULL;
	struct resource_found found;

	if (cache->errands == NULL) {
		(void)filecache_find_files(cache, site, path, &how, &found);
	} else {
		held = errand_find_open(cache->errands, site, path);
		if (filecache_find_now(
			cache, site, path, held != NULL, &found) == EAGAIN) {
			filecache_ask(cache, site, path, held, clock, stamp);
			return;
		}
	}
	resource_make(&cache->uncached, &cache->files, cache->mime, site, path,
	    clock->wall_s, &found);
}

/* True for what stays where it is, and is opened anew for each request. */
static bool
filecache_is_passing(const struct resource *resource, struct span path)
{
	return resource->remote || path.len > FILECACHE_PATH_BYTES ||
	       filecache_is_trouble(resource->error);
}

/* Opens what has no slot, and gives it one. */
static const struct resource *
filecache_load(struct filecache *cache, const struct site *site,
    struct span path, uint32_t hash, const struct clock *clock)
{
	struct resource *resource = &cache->uncached;
	struct filecache_ring *ring;
	struct filecache_slot *slot;
	struct dirwatch_stamp stamp = { 0 };
	bool read;

	cache->lookup = FILECACHE_MISS;
	resource_close(resource, &cache->files);
	if (path.len <= FILECACHE_PATH_BYTES && cache->found.nslots > 0 &&
	    site->storage != STORAGE_REMOTE)
		stamp = dirwatch_stamp(&cache->watch, site, path);
	filecache_open(cache, site, path, clock, &stamp);
	/* Who has to come again is counted then. */
	if (resource->error != EINPROGRESS)
		cache->counters->cache_misses++;
	ring = resource->error == 0 ? &cache->found : &cache->missing;
	if (ring->nslots == 0 || filecache_is_passing(resource, path))
		return resource;
	/* What an errand brought others have too, for a while. */
	read = filecache_read(cache, resource, FILECACHE_TRIES);
	slot = filecache_take(cache, ring);
	slot->resource = *resource;
	*resource = (struct resource){ 0 };
	slot->site = site;
	slot->stamp = stamp;
	slot->unread = !read;
	slot->opened_ms = clock->mono_ms;
	slot->hash = hash;
	filecache_insert(cache, slot, path);
	return &slot->resource;
}

void
filecache_let_go(struct filecache *cache)
{
	resource_close(&cache->uncached, &cache->files);
}

const struct resource *
filecache_get(struct filecache *cache, const struct site *site,
    struct span path, const struct clock *clock)
{
	uint32_t hash = filecache_hash(cache, site, path);
	struct filecache_slot *slot = filecache_find(cache, site, path, hash);

	if (slot != NULL) {
		if (filecache_is_current(cache, slot, clock)) {
			slot->used = true;
			if (slot->unread)
				filecache_read_late(cache, slot);
			cache->lookup = FILECACHE_HIT;
			cache->counters->cache_hits++;
			return &slot->resource;
		}
		filecache_drop(cache, slot);
	}
	return filecache_load(cache, site, path, hash, clock);
}

void
filecache_fini(struct filecache *cache)
{
	uint32_t nslots = cache->found.nslots + cache->missing.nslots;

	if (cache->slots != NULL)
		for (uint32_t i = 0; i < nslots; i++)
			resource_close(
			    &cache->slots[i].resource, &cache->files);
	resource_close(&cache->uncached, &cache->files);
	free(cache->slots);
	free(cache->buckets);
	files_fini(&cache->files);
	dirwatch_fini(&cache->watch);
	cache->slots = NULL;
	cache->buckets = NULL;
}
