/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a folder holds, as a page or as JSON, while it is read and written.
 *
 * A listing lives in memory that was set aside at start: the names of one
 * folder are read into it, a slice at a time, and come out in order, as much
 * as fits into a buffer at a time.  A folder that does not fit comes in parts,
 * each in order by itself.  A worker has few listings, so its memory has a
 * bound.
 *
 *   arena: [ what the kernel says | entries ->  room  <- names ]
 */
#ifndef SERVE_LISTING_H
#define SERVE_LISTING_H

#include "http/mime.h"
#include "os/folder.h"
#include "serve/auth.h"
#include "serve/listing_order.h"
#include "serve/resource.h"

/* Folders that one worker lists at a time. */
#define LISTING_COUNT 8

/* A longer name has no line: no file system of Linux has one. */
#define LISTING_NAME_BYTES 1024

/* Room in which the largest piece of a page fits, whatever the names are. */
#define LISTING_ROOM_BYTES (12 * LISTING_NAME_BYTES)

enum listing_format { LISTING_HTML, LISTING_JSON };

struct listing {
	bool lent;
	const struct site *site;     /* borrowed, as is mime */
	const struct mime_map *mime; /* for the icons */
	struct address client;       /* who asks; some may not see all */
	struct auth_pass pass;       /* likewise */
	struct folder folder;
	enum listing_format format;
	char *arena;
	size_t arena_bytes;
	struct listing_heap heap;
	size_t names_at; /* where in the arena names begin */
	size_t used;     /* of the arena, at most so far */
	unsigned work;   /* done in the slice at hand; see listing_shows.h */
	bool full;       /* what is read has to be written first */
	bool whole;      /* all of the folder was read */
	bool parted;     /* it does not fit, and comes in parts */
	bool over;       /* all is written */
	int error;       /* errno of reading; 0: none */
	unsigned step;   /* of writing */
	size_t done;     /* of this step: bytes, or pieces */
	uint64_t nfolders, nfiles, bytes; /* written so far */
	uint64_t hash[2];                 /* of all entries, in any order */
	size_t path_len;
	char path[RESOURCE_PATH_BYTES]; /* decoded, with both slashes */
};

struct listings {
	struct listing *all; /* LISTING_COUNT of them; NULL: none is wanted */
	char *arena;         /* of all */
	size_t bytes;        /* of the arena of each */
	char fields[768];    /* of the last answer */
};

/*
 * Sets address space aside, bytes for each listing; 0: there will be none.
 * It costs memory only where it is used.  0, or -1 with errno ENOMEM.
 */
int listings_init(struct listings *listings, size_t bytes);

/* A folder to list, and how. */
struct listing_ask {
	const struct site *site;
	const struct mime_map *mime;
	const struct address *client;
	struct auth_pass pass; /* by which it was let in */
	struct span path;      /* decoded, with a slash at its end */
	enum listing_format format;
	struct listing_order order;
};

/*
 * Opens a folder and reads a first slice of it.  NULL with errno: EBUSY when
 * all listings are under way, else of opening or reading.
 */
struct listing *listing_open(
    struct listings *listings, const struct listing_ask *ask);

/*
 * The same in two steps: the first needs nothing but memory, the second may
 * wait, and can be taken in any thread.  Look at error then.
 */
struct listing *listing_begin(
    struct listings *listings, const struct listing_ask *ask);
void listing_read_first(struct listing *listing);

/*
 * Goes on for a short while: reads another slice, or writes what fits into the
 * room that there is.  Returns the bytes written; 0: more has to be read first,
 * or room is less than LISTING_ROOM_BYTES.  Look at error then.
 */
size_t listing_write(struct listing *listing, char *out, size_t room);

/* True when all is written. */
static inline bool
listing_is_done(const struct listing *listing)
{
	return listing->over;
}

/* Takes the next entry; there must be one in listing->heap. */
struct listing_entry listing_take(struct listing *listing);

/* Gives *listingp back at any time, and sets it to NULL. */
void listing_close(struct listing **listingp);

/* Every listing must be closed by now. */
void listings_fini(struct listings *listings);

#endif
