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
listings_init(struct listings *listings, size_t bytes)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *map;

	*listings = (struct listings){ 0 };
	if (bytes == 0)
		return 0;
	listings->bytes = (bytes + page - 1) / page * page;
	map =
	    mmap(NULL, LISTING_COUNT * listings->bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (map == MAP_FAILED)
		return -1;
	listings->arena = map;
	listings->all = calloc(LISTING_COUNT, sizeof(*listings->all));
	if (listings->all == NULL)
		return -1;
	for (unsigned i = 0; i < LISTING_COUNT; i++) {
		listings->all[i].arena = listings->arena + i * listings->bytes;
		listings->all[i].arena_bytes = listings->bytes;
	}
	return 0;
}

void
listings_fini(struct listings *listings)
{
	for (unsigned i = 0; listings->all != NULL && i < LISTING_COUNT; i++)
		assert(!listings->all[i].lent);
	free(listings->all);
	if (listings->arena != NULL)
		(void)munmap(listings->arena, LISTING_COUNT * listings->bytes);
	*listings = (struct listings){ 0 };
}

static struct listing *
listing_lend(struct listings *listings)
{
	for (unsigned i = 0; listings->all != NULL && i < LISTING_COUNT; i++)
		if (!listings->all[i].lent)
			return &listings->all[i];
	errno = EBUSY;
	return NULL;
}

/* Opens the folder as a file of the site is opened; -1 with errno. */
static int
listing_open_folder(const struct listing *listing)
{
	struct stat st;
	int fd = beneath_open(listing->site->root_fd, listing->path + 1,
	    listing->site->conf->symlinks, &st);

	if (fd == -1 || S_ISDIR(st.st_mode))
		return fd;
	(void)close(fd); /* nothing was read */
	errno = ENOTDIR;
	return -1;
}

struct listing *
listing_begin(struct listings *listings, const struct listing_ask *ask)
{
	struct listing *listing = listing_lend(listings);
	char *arena;

	if (listing == NULL)
		return NULL;
	/* The path has a NUL behind it. */
	assert(ask->path.len < sizeof(listing->path));
	arena = listing->arena;
	listing->lent = true;
	listing->site = ask->site;
	listing->mime = ask->mime;
	listing->client = *ask->client;
	listing->pass = ask->pass;
	listing->format = ask->format;
	listing->full = listing->whole = listing->parted = false;
	listing->over = false;
	listing->error = 0;
	listing->step = 0;
	listing->done = 0;
	listing->nfolders = listing->nfiles = listing->bytes = 0;
	listing->hash[0] = listing->hash[1] = 0;
	listing->path_len = ask->path.len;
	memcpy(listing->path, ask->path.ptr, ask->path.len + 1);
	listing->names_at = listing->arena_bytes;
	listing->used = 0;
	listing->heap = (struct listing_heap){
		.entries = (void *)(arena + LISTING_KERNEL_BYTES),
		.names = arena,
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
	return (size_t)(text.at - out);
}

void
listing_close(struct listing **listingp)
{
	struct listing *listing = *listingp;
	int error = errno;

	*listingp = NULL;
	assert(listing->lent);
	folder_close(&listing->folder);
	listing->lent = false;
	/* Where the kernel does not take it, the next listing uses it. */
	if (listing->used > LISTING_KEEP_BYTES)
		(void)madvise(
		    listing->arena, listing->arena_bytes, MADV_DONTNEED);
	errno = error;
}
