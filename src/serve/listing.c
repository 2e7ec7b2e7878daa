/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/listing.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "serve/listing_json.h"
#include "serve/listing_page.h"
#include "serve/listing_read.h"

/* What the kernel says of names at a time. */
#define LISTING_KERNEL_BYTES (32 * 1024)

/* A small listing leaves its pages for the next one. */
#define LISTING_KEEP_BYTES (256 * 1024)

int
listings_init(struct listings *listings, size_t bytes, size_t nlistings)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *map;

	*listings = (struct listings){ 0 };
	slab_init(&listings->slab, sizeof(struct listing), TINED_POOL_KEEP);
	if (bytes == 0)
		return 0;
	slab_reserve(&listings->slab, nlistings);
	listings->bytes = (bytes + page - 1) / page * page;
	map =
	    mmap(NULL, LISTING_COUNT * listings->bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (map == MAP_FAILED)
		return -1;
	listings->arena = map;
	return 0;
}

void
listings_fini(struct listings *listings)
{
	slab_fini(&listings->slab);
	if (listings->arena != NULL)
		(void)munmap(listings->arena, LISTING_COUNT * listings->bytes);
	*listings = (struct listings){ 0 };
}

/* Gives the arena back, which what is left to be done does not need. */
static void
listing_leave_arena(struct listing *listing)
{
	if (listing->arena == NULL)
		return;
	folder_close(&listing->folder);
	/* Where the kernel does not take it, the next listing uses it. */
	if (listing->used > LISTING_KEEP_BYTES)
		(void)madvise(
		    listing->arena, listing->arena_bytes, MADV_DONTNEED);
	listing->arena = NULL;
	listing->listings->users[listing->place] = NULL;
}

/* Who has to give his arena to another; NULL: nobody. */
static struct listing *
listings_find_slowest(const struct listings *listings)
{
	struct listing *slowest = NULL;

	for (unsigned i = 0; i < LISTING_COUNT; i++) {
		struct listing *user = listings->users[i];

		if (!user->is_out && user->kept_ms <= listings->now_ms &&
		    (slowest == NULL || user->kept_ms < slowest->kept_ms))
			slowest = user;
	}
	return slowest;
}

/* Keeps the arena for what was written. */
static void
listing_keep_arena(struct listing *listing, size_t bytes)
{
	int64_t now_ms = listing->listings->now_ms;
	int64_t from_ms = listing->kept_ms;

	if (from_ms < now_ms)
		from_ms = now_ms;
	listing->kept_ms =
	    from_ms + (int64_t)(bytes * 1000 / LISTING_FAST_RATE);
	if (listing->kept_ms > now_ms + LISTING_TURN_MS)
		listing->kept_ms = now_ms + LISTING_TURN_MS;
}

/* A place whose arena is free; -1 with errno EBUSY. */
static int
listings_find_place(struct listings *listings)
{
	struct listing *slowest;
	unsigned place = 0;

	errno = EBUSY;
	if (listings->arena == NULL)
		return -1;
	while (place < LISTING_COUNT && listings->users[place] != NULL)
		place++;
	if (place < LISTING_COUNT)
		return (int)place;
	slowest = listings_find_slowest(listings);
	if (slowest == NULL)
		return -1;
	slowest->error = EBUSY;
	listing_leave_arena(slowest);
	return (int)slowest->place;
}

/* A listing with an arena, and nothing in it; NULL with errno. */
static struct listing *
listing_lend(struct listings *listings)
{
	int place = listings_find_place(listings);
	struct listing *listing;

	if (place == -1)
		return NULL;
	listing = slab_get(&listings->slab);
	if (listing == NULL)
		return NULL;
	*listing = (struct listing){
		.listings = listings,
		.place = (unsigned)place,
		.kept_ms = listings->now_ms + LISTING_TURN_MS,
		.arena = listings->arena + (size_t)place * listings->bytes,
		.arena_bytes = listings->bytes,
	};
	listings->users[place] = listing;
	return listing;
}

/* Opens the folder as a file of the site is opened; -1 with errno. */
static int
listing_open_folder(const struct listing *listing)
{
	struct stat st;

	/* The slash at its end lets nothing else be opened. */
	return beneath_open(listing->site->root_fd, listing->path + 1,
	    listing->site->conf->symlinks, &st);
}

struct listing *
listing_begin(struct listings *listings, const struct listing_ask *ask)
{
	struct listing *listing = listing_lend(listings);
	char *arena;

	if (listing == NULL)
		return NULL;
	/* The path has a NUL behind it. */
	assert(ask->path.len < RESOURCE_PATH_BYTES);
	arena = listing->arena;
	memcpy(arena, ask->path.ptr, ask->path.len + 1);
	listing->path = arena;
	listing->path_len = ask->path.len;
	listing->site = ask->site;
	listing->mime = ask->mime;
	listing->client = *ask->client;
	listing->pass = ask->pass;
	listing->format = ask->format;
	listing->names_at = listing->arena_bytes;
	arena += RESOURCE_PATH_BYTES;
	listing->heap = (struct listing_heap){
		.entries = (void *)(arena + LISTING_KERNEL_BYTES),
		.names = listing->arena,
		.order = ask->order,
	};
	folder_init(&listing->folder, -1, arena, LISTING_KERNEL_BYTES);
	return listing;
}

void
listing_read_first(struct listing *listing)
{
	listing->folder.fd = listing_open_folder(listing);
	if (listing->folder.fd == -1)
		listing->error = errno;
	else
		listing_read_slice(listing);
}

struct listing *
listing_open(struct listings *listings, const struct listing_ask *ask)
{
	struct listing *listing = listing_begin(listings, ask);

	if (listing == NULL)
		return NULL;
	listing_read_first(listing);
	if (listing->error != 0) {
		errno = listing->error;
		listing_close(&listing);
	}
	return listing;
}

void
listing_give_out(struct listing *listing)
{
	listing->is_out = true;
}

void
listing_take_back(struct listing *listing)
{
	listing->is_out = false;
	listing->kept_ms = listing->listings->now_ms + LISTING_TURN_MS;
}

struct listing_entry
listing_take(struct listing *listing)
{
	struct listing_entry entry = listing_order_take(&listing->heap);

	if (entry.folder)
		listing->nfolders++;
	else
		listing->nfiles++;
	listing->bytes += entry.size;
	return entry;
}

static unsigned
listing_nsteps(const struct listing *listing)
{
	switch (listing->format) {
	case LISTING_HTML: break;
	case LISTING_JSON: return LISTING_JSON_STEPS;
	}
	return LISTING_PAGE_STEPS;
}

static bool
listing_step(struct listing *listing, struct listing_text *text)
{
	switch (listing->format) {
	case LISTING_HTML: break;
	case LISTING_JSON: return listing_json_step(listing, text);
	}
	return listing_page_step(listing, text);
}

size_t
listing_write(struct listing *listing, char *out, size_t room)
{
	struct listing_text text = { out, out + room };

	if (listing_read_is_due(listing))
		listing_read_slice(listing);
	if (listing_read_is_due(listing) || listing->error != 0)
		return 0;
	while (!listing->over && listing_step(listing, &text)) {
		listing->done = 0;
		listing->over = ++listing->step == listing_nsteps(listing);
	}
	if (listing->heap.n == 0 && listing->full)
		listing_read_empty(listing);
	if (listing->over)
		listing_leave_arena(listing);
	else
		listing_keep_arena(listing, (size_t)(text.at - out));
	return (size_t)(text.at - out);
}

void
listing_close(struct listing **listingp)
{
	struct listing *listing = *listingp;
	int error = errno;

	*listingp = NULL;
	listing_leave_arena(listing);
	slab_put(&listing->listings->slab, listing);
	errno = error;
}
