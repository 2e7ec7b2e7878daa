/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a folder holds, as a page or as JSON, while it is read and written.
 *
 * A listing lives in memory that was set aside at start: the names of one
 * folder are read into it, a slice at a time, and come out in order, as much
 * as fits into a buffer at a time.  A folder that does not fit comes in parts,
 * each in order by itself.
 *
 * There are few arenas, so that the memory has a bound.  Whoever reads his list
 * slowly may keep one from nobody else: it is taken away from him.
 *
 *   arena: [ path | what the kernel says | entries ->  room  <- names ]
 */
#ifndef SERVE_LISTING_H
#define SERVE_LISTING_H

#include "core/slab.h"
#include "http/mime.h"
#include "os/folder.h"
#include "serve/auth.h"
#include "serve/listing_order.h"
#include "serve/resource.h"

/* Folders that one worker lists at a time. */
#define LISTING_COUNT 8

/*
 * How long an arena is kept from others, at first; what is written keeps it as
 * long as it would take at this rate, but no longer than that at a time.
 */
#define LISTING_TURN_MS   2000
#define LISTING_FAST_RATE (256 * 1024)

/* A longer name has no line: no file system of Linux has one. */
#define LISTING_NAME_BYTES 1024

/* Room in which the largest piece of a page fits, whatever the names are. */
#define LISTING_ROOM_BYTES (12 * LISTING_NAME_BYTES)

enum listing_format { LISTING_HTML, LISTING_JSON };

struct listings;

struct listing {
	struct listings *listings;   /* borrowed */
	unsigned place;              /* which arena it has */
	bool is_out;                 /* with a thread */
	int64_t kept_ms;             /* no other may have it before */
	const struct site *site;     /* borrowed, as is mime */
	const struct mime_map *mime; /* for the icons */
	struct address client;       /* who asks; some may not see all */
	struct auth_pass pass;       /* likewise */
	struct folder folder;
	enum listing_format format;
	char *arena; /* NULL: it has none any more */
	size_t arena_bytes;
	struct listing_heap heap;
	size_t names_at; /* where in the arena names begin */
	size_t used;     /* of the arena, at most so far */
	unsigned work;   /* done in the slice at hand; see listing_shows.h */
	bool full;       /* what is read has to be written first */
	bool whole;      /* all of the folder was read */
	bool parted;     /* it does not fit, and comes in parts */
	bool over;       /* all is written */
	int error;       /* of reading, or EBUSY: another has the arena */
	unsigned step;   /* of writing */
	size_t done;     /* of this step: bytes, or pieces */
	uint64_t nfolders, nfiles, bytes; /* written so far */
	uint64_t hash[2];                 /* of all entries, in any order */
	size_t path_len;
	char *path; /* decoded, with both slashes; room for RESOURCE_PATH_BYTES
		     */
};

struct listings {
	struct slab slab;
	struct listing *users[LISTING_COUNT]; /* of the arenas; NULL: free */
	char *arena;      /* all of them; NULL: none is wanted */
	size_t bytes;     /* of each */
	int64_t now_ms;   /* monotonic; whoever opens or writes sets it */
	char fields[768]; /* of the last answer */
};

/*
 * Sets address space aside, bytes for each arena, 0: there will be none; and
 * for nlistings that wait to be sent.  It costs memory only where it is used.
 * 0, or -1 with errno ENOMEM.
 */
int listings_init(struct listings *listings, size_t bytes, size_t nlistings);

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
 * all arenas are in use and none by who is slow, else of opening or reading.
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
 * Before and after a thread has it: meanwhile nobody takes its arena, and the
 * time it took is not that of the client.
 */
void listing_give_out(struct listing *listing);
void listing_take_back(struct listing *listing);

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
