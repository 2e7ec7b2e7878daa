/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What may wait for a disk, on its way to a helper thread and back.
 *
 * A table of errands.  Whoever asks waits for one at a time: a request that is
 * decided is decided anew with what came of it, and holds on to that, so that
 * each errand is run once.  Those who want the same share an errand.  What
 * nobody wants any more is run to its end all the same, since a thread that
 * hangs cannot be called off.
 */
#ifndef SERVE_ERRAND_H
#define SERVE_ERRAND_H

#include "serve/dirwatch.h"
#include "serve/listing.h"

/* Errands of a worker at a time. */
#define ERRAND_COUNT 512

/* What came of so many can be held for one decision. */
#define ERRAND_HELD 16

enum errand_kind {
	ERRAND_OPEN,  /* a resource */
	ERRAND_LIST,  /* a folder: opening it, and a first slice of it */
	ERRAND_SLICE, /* another slice of it */
	ERRAND_WARM,  /* bytes of a file have to be in memory */
	ERRAND_READ,  /* bytes of a file are wanted here */
};

struct errand;

/* One who asks; zero is who never did. */
struct errand_asker {
	TAILQ_ENTRY(errand_asker) link; /* of those who wait for the same */
	struct errand *waits;           /* for this one; NULL: for none */
	bool late; /* it waited too long: it must do without */
	unsigned nheld;
	struct errand *held[ERRAND_HELD]; /* what came of others */
};

TAILQ_HEAD(errand_askers, errand_asker);
LIST_HEAD(errand_list, errand);

struct errand {
	struct helper_task task; /* comes first */
	LIST_ENTRY(errand) link;
	const struct errands *errands;
	enum errand_kind kind;
	bool done;
	unsigned nholders; /* who wait for it, or hold what came of it */
	struct errand_askers askers; /* who wait */
	/* OPEN */
	const struct site *site;
	struct span path;            /* in bytes */
	struct dirwatch_stamp stamp; /* from before it was sent */
	struct resource_found found;
	bool made; /* resource is of what was found */
	struct resource resource;
	/* LIST, SLICE: ours while it is under way, and until it is taken */
	struct listing *listing;
	/* WARM, READ */
	struct file *file; /* one reference */
	uint64_t offset;
	size_t len;
	ssize_t n;   /* what there was; -1: error */
	int error;   /* errno, or 0 */
	char *bytes; /* room for a path, or for what is read */
};

struct errands {
	struct helpers *helpers; /* borrowed; NULL: nobody waits for us */
	struct files *files;     /* borrowed */
	struct errand *all;      /* and behind them what is in bytes of each */
	unsigned nfilled;        /* of these were used at some time */
	struct errand_list free;
	struct errand_list used;
	struct errand full;         /* who waits for it, waits for a free one */
	struct errand_asker *asker; /* of the request at hand; borrowed */
	char *arena;
	size_t bytes;       /* for each errand */
	size_t small_bytes; /* files that small are read when they are opened */
	uint64_t key;       /* of hashes */
	uint64_t nsent;     /* errands so far */
};

/*
 * Takes memory for all errands, each with room for bytes, which is enough for
 * a path.  0, or -1 with errno; errands_fini() is allowed after either.
 */
int errands_init(struct errands *errands, struct helpers *helpers,
    struct files *files, size_t bytes);

/* True while the answer of an errand is to come, and nothing to be decided. */
static inline bool
errand_is_due(const struct errand_asker *asker)
{
	return asker->waits != NULL;
}

/* What came of opening path for the asker at hand; NULL: it did not ask. */
struct errand *errand_find_open(
    struct errands *errands, const struct site *site, struct span path);

/*
 * Has a resource opened for the asker at hand; stamp is of its folder, as of
 * now, so that it is known later whether that changed meanwhile.  Who asks
 * after a change does not share what was asked before.  Returns the errno that
 * stands in its place: EINPROGRESS, EBUSY when there is no room, or ETIMEDOUT;
 * 0: it asked for so many that it must open this one itself.
 */
int errand_open(struct errands *errands, const struct site *site,
    struct span path, const struct dirwatch_stamp *stamp);

/* As listing_open() for the asker at hand; or NULL with an errno as above. */
struct listing *errand_list(struct errands *errands, struct listings *listings,
    const struct listing_ask *ask);

/*
 * Has an asker wait for a slice of a listing, which is taken over, or for bytes
 * of a file, at most as many as there is room for.  Where there is no room for
 * another errand it waits for that, and nothing was sent.
 */
void errand_read_slice(struct errands *errands, struct errand_asker *asker,
    struct listing **listingp);
void errand_read_file(struct errands *errands, struct errand_asker *asker,
    enum errand_kind kind, struct file *file, uint64_t offset, size_t len);

/*
 * An errand that is done, lent until errand_put(); NULL: there is none.  Those
 * who waited for it are still in askers: errand_wake() takes one of them, and
 * lets it hold what came of it.
 */
struct errand *errand_take_done(struct errands *errands);
struct errand_asker *errand_wake(struct errand *errand);
void errand_put(struct errands *errands, struct errand *errand);

/* Somebody who starves, and can ask now; NULL: there is none. */
struct errand_asker *errand_feed(struct errands *errands);

/* The asker does not wait any more. */
void errand_forget(struct errands *errands, struct errand_asker *asker);

/* It has all that it wanted: gives back what it holds, and is as new. */
void errand_settle(struct errands *errands, struct errand_asker *asker);

/* Nobody may wait any more, and no thread be left. */
void errands_fini(struct errands *errands);

#endif
