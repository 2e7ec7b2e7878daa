/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/errand.h"

#include <assert.h>
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/hash.h"
#include "serve/listing_read.h"

int
errands_init(struct errands *errands, struct helpers *helpers,
    struct files *files, size_t bytes)
{
	void *map;

	assert(bytes >= RESOURCE_PATH_BYTES);
	*errands = (struct errands){
		.files = files,
		.bytes = bytes,
		.small_bytes = files->small_bytes,
		.key = hash_draw_key(),
	};
	LIST_INIT(&errands->free);
	LIST_INIT(&errands->used);
	TAILQ_INIT(&errands->full.askers);
	/* Costs memory only where it is used. */
	map = mmap(NULL, ERRAND_COUNT * (sizeof(*errands->all) + bytes),
	    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
	    -1, 0);
	if (map == MAP_FAILED)
		return -1;
	errands->all = map;
	errands->arena = (char *)(errands->all + ERRAND_COUNT);
	errands->helpers = helpers;
	files->helpers = helpers;
	return 0;
}

/* In a thread. */
static void
on_errand(struct helper_task *task)
{
	struct errand *errand = (struct errand *)(void *)task;
	const struct errands *errands = errand->errands;
	const struct resource_how how = {
		.small_bytes = errands->small_bytes,
	};

	switch (errand->kind) {
	case ERRAND_OPEN:
		resource_find(&errand->found, errand->site, errand->path, &how);
		break;
	case ERRAND_LIST: listing_read_first(errand->listing); break;
	case ERRAND_SLICE: listing_read_slice(errand->listing); break;
	case ERRAND_WARM:
		errand->n =
		    storage_warm(errand->file->fd, errand->offset, errand->len);
		errand->error = errand->n == -1 ? errno : 0;
		break;
	case ERRAND_READ:
		errand->n = storage_read(errand->file->fd, errand->bytes,
		    errand->offset, errand->len);
		errand->error = errand->n == -1 ? errno : 0;
		break;
	}
}

static void
errand_join(struct errand *errand, struct errand_asker *asker)
{
	asker->waits = errand;
	errand->nholders++;
	TAILQ_INSERT_TAIL(&errand->askers, asker, link);
}

/* One that is not used; NULL: all are. */
static struct errand *
errand_take(struct errands *errands)
{
	struct errand *errand = LIST_FIRST(&errands->free);

	if (errand != NULL) {
		LIST_REMOVE(errand, link);
		return errand;
	}
	if (errands->nfilled == ERRAND_COUNT)
		return NULL;
	errand = &errands->all[errands->nfilled];
	errand->errands = errands;
	errand->bytes = errands->arena + errands->nfilled++ * errands->bytes;
	return errand;
}

/* A free errand that the asker waits for; NULL when all are used. */
static struct errand *
errand_get(
    struct errands *errands, struct errand_asker *asker, enum errand_kind kind)
{
	struct errand *errand = errand_take(errands);

	if (errand == NULL)
		return NULL;
	LIST_INSERT_HEAD(&errands->used, errand, link);
	errand->kind = kind;
	errand->done = false;
	errand->made = false;
	errand->nholders = 0;
	errand->listing = NULL;
	errand->file = NULL;
	TAILQ_INIT(&errand->askers);
	errand_join(errand, asker);
	return errand;
}

static void
errand_send(struct errands *errands, struct errand *errand, uint64_t group,
    uint64_t subject)
{
	errand->task.run = on_errand;
	errand->task.group = group;
	errand->task.subject = subject;
	errands->nsent++;
	helpers_give(errands->helpers, &errand->task);
}

/* Closes what was opened and is wanted by nobody. */
static void
errand_drop_found(struct errands *errands, struct resource_found *found)
{
	for (int coding = 0; coding < CODING_COUNT; coding++) {
		if (found->files[coding].fd == -1 ||
		    found->files[coding].storage != STORAGE_REMOTE)
			continue;
		helpers_close(errands->helpers, found->files[coding].fd);
		found->files[coding].fd = -1;
	}
	resource_drop(found);
}

/* Gives back what came of an errand that nobody wants, or has taken. */
static void
errand_free(struct errands *errands, struct errand *errand)
{
	if (errand->kind == ERRAND_OPEN && errand->done) {
		if (errand->made)
			resource_close(&errand->resource, errands->files);
		else
			errand_drop_found(errands, &errand->found);
	}
	if (errand->listing != NULL)
		listing_close(&errand->listing);
	if (errand->file != NULL)
		file_put(errands->files, &errand->file);
	LIST_REMOVE(errand, link);
	LIST_INSERT_HEAD(&errands->free, errand, link);
}

void
errand_put(struct errands *errands, struct errand *errand)
{
	assert(errand->nholders > 0);
	if (--errand->nholders > 0)
		return;
	/* What a thread has begun comes back when it is done. */
	if (errand->done || helpers_take_back(errands->helpers, &errand->task))
		errand_free(errands, errand);
}

static bool
errand_is_open_of(
    const struct errand *errand, const struct site *site, struct span path)
{
	return errand->kind == ERRAND_OPEN && errand->site == site &&
	       span_equal(errand->path, path);
}

struct errand *
errand_find_open(
    struct errands *errands, const struct site *site, struct span path)
{
	const struct errand_asker *asker = errands->asker;

	/* The last is what came of asking again. */
	for (unsigned i = asker->nheld; i-- > 0;)
		if (errand_is_open_of(asker->held[i], site, path))
			return asker->held[i];
	return NULL;
}

/* Sends an errand that is about a path of a site. */
static void
errand_send_path(struct errands *errands, struct errand *errand,
    const struct site *site, struct span path)
{
	errand_send(errands, errand, resource_group(site, path),
	    hash_bytes(errands->key ^ (uintptr_t)site, path.ptr, path.len));
}

/* What keeps an asker from asking, an errno; 0: nothing. */
static int
errand_refuse(const struct errand_asker *asker)
{
	if (errand_is_due(asker))
		return EINPROGRESS;
	return asker->late ? ETIMEDOUT : 0;
}

int
errand_open(struct errands *errands, const struct site *site, struct span path,
    const struct dirwatch_stamp *stamp)
{
	struct errand_asker *asker = errands->asker;
	int refused = errand_refuse(asker);
	struct errand *errand;

	if (refused != 0)
		return refused;
	if (asker->nheld == ERRAND_HELD)
		return 0;
	LIST_FOREACH (errand, &errands->used, link)
		if (!errand->done && errand_is_open_of(errand, site, path) &&
		    dirwatch_is_same(&errand->stamp, stamp)) {
			errand_join(errand, asker);
			return EINPROGRESS;
		}
	errand = errand_get(errands, asker, ERRAND_OPEN);
	if (errand == NULL)
		return EBUSY;
	errand->site = site;
	errand->stamp = *stamp;
	errand->path = (struct span){ errand->bytes, path.len };
	memcpy(errand->bytes, path.ptr, path.len);
	errand->bytes[path.len] = '\0';
	errand_send_path(errands, errand, site, path);
	return EINPROGRESS;
}

/* Takes a listing that was asked for; NULL with errno, 0: it was not. */
static struct listing *
errand_take_listing(struct errand_asker *asker, const struct listing_ask *ask)
{
	struct listing *listing;

	errno = 0;
	for (unsigned i = 0; i < asker->nheld; i++) {
		listing = asker->held[i]->listing;
		if (asker->held[i]->kind != ERRAND_LIST || listing == NULL ||
		    listing->site != ask->site ||
		    !span_equal(ask->path,
			(struct span){ listing->path, listing->path_len }))
			continue;
		listing_take_back(listing);
		errno = listing->error;
		if (errno == 0)
			asker->held[i]->listing = NULL;
		else if (errno == EMFILE || errno == ENFILE)
			/* Who finds descriptors may ask anew. */
			listing_close(&asker->held[i]->listing);
		return errno == 0 ? listing : NULL;
	}
	return NULL;
}

struct listing *
errand_list(struct errands *errands, struct listings *listings,
    const struct listing_ask *ask)
{
	struct errand_asker *asker = errands->asker;
	struct listing *listing = errand_take_listing(asker, ask);
	struct errand *errand;

	if (listing != NULL || errno != 0)
		return listing;
	errno = errand_refuse(asker);
	if (errno != 0)
		return NULL;
	if (asker->nheld == ERRAND_HELD)
		return listing_open(listings, ask);
	listing = listing_begin(listings, ask);
	if (listing == NULL)
		return NULL;
	errand = errand_get(errands, asker, ERRAND_LIST);
	if (errand == NULL) {
		listing_close(&listing);
		errno = EBUSY;
		return NULL;
	}
	errand->listing = listing;
	listing_give_out(listing);
	errand_send_path(errands, errand, ask->site, ask->path);
	errno = EINPROGRESS;
	return NULL;
}

/* An errand for who cannot be told to come again, or its turn to wait. */
static struct errand *
errand_get_or_starve(
    struct errands *errands, struct errand_asker *asker, enum errand_kind kind)
{
	struct errand *errand = errand_get(errands, asker, kind);

	if (errand == NULL)
		errand_join(&errands->full, asker);
	return errand;
}

void
errand_read_slice(struct errands *errands, struct errand_asker *asker,
    struct listing **listingp)
{
	struct errand *errand =
	    errand_get_or_starve(errands, asker, ERRAND_SLICE);
	struct listing *listing = *listingp;

	if (errand == NULL)
		return;
	*listingp = NULL;
	errand->listing = listing;
	listing_give_out(listing);
	errand_send_path(errands, errand, listing->site,
	    (struct span){ listing->path, listing->path_len });
}

void
errand_read_file(struct errands *errands, struct errand_asker *asker,
    enum errand_kind kind, struct file *file, uint64_t offset, size_t len)
{
	struct errand *errand = errand_get_or_starve(errands, asker, kind);

	if (errand == NULL)
		return;
	if (kind == ERRAND_READ && len > errands->bytes)
		len = errands->bytes;
	errand->file = file_get(file);
	errand->offset = offset;
	errand->len = len;
	errand_send(errands, errand, file->group, file->subject);
}

struct errand *
errand_take_done(struct errands *errands)
{
	for (;;) {
		struct helper_task *task = helpers_next_done(errands->helpers);
		struct errand *errand = (struct errand *)(void *)task;

		if (task == NULL)
			return NULL;
		errand->done = true;
		if (errand->nholders > 0) {
			errand->nholders++;
			return errand;
		}
		errand_free(errands, errand);
	}
}

struct errand_asker *
errand_wake(struct errand *errand)
{
	struct errand_asker *asker = TAILQ_FIRST(&errand->askers);

	if (asker == NULL)
		return NULL;
	TAILQ_REMOVE(&errand->askers, asker, link);
	asker->waits = NULL;
	/* There is room: nobody asks who holds that many. */
	asker->held[asker->nheld++] = errand;
	return asker;
}

struct errand_asker *
errand_feed(struct errands *errands)
{
	struct errand_asker *asker = TAILQ_FIRST(&errands->full.askers);

	if (asker != NULL && LIST_EMPTY(&errands->free) &&
	    errands->nfilled == ERRAND_COUNT)
		asker = NULL;
	if (asker != NULL)
		errand_forget(errands, asker);
	return asker;
}

void
errand_forget(struct errands *errands, struct errand_asker *asker)
{
	struct errand *errand = asker->waits;

	if (errand == NULL)
		return;
	TAILQ_REMOVE(&errand->askers, asker, link);
	asker->waits = NULL;
	if (errand != &errands->full)
		errand_put(errands, errand);
}

void
errand_settle(struct errands *errands, struct errand_asker *asker)
{
	assert(asker->waits == NULL);
	while (asker->nheld > 0)
		errand_put(errands, asker->held[--asker->nheld]);
	asker->late = false;
}

void
errands_fini(struct errands *errands)
{
	/* Those that were begun when the threads were told to stop. */
	while (errands->helpers != NULL && errand_take_done(errands) != NULL)
		assert(false);
	assert(errands->all == NULL || LIST_EMPTY(&errands->used));
	if (errands->all != NULL)
		(void)munmap(errands->all,
		    ERRAND_COUNT * (sizeof(*errands->all) + errands->bytes));
	*errands = (struct errands){ 0 };
}
