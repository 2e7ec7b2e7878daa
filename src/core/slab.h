/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A freelist of equal-sized objects, one slab per kind of object and worker.
 *
 * Objects come from address space that was set aside, or else from malloc, the
 * first time, and from the freelist ever after, so a worker does not touch the
 * heap while it serves.  Not thread-safe: a worker is one thread.
 */
#ifndef CORE_SLAB_H
#define CORE_SLAB_H

#include <stddef.h>

struct slab {
	void *free;          /* the freelist, newest first */
	size_t object_bytes; /* of each object */
	size_t keep;         /* most objects held on the freelist */
	size_t nfree;
	size_t nlent; /* out with callers; 0 once the worker drained */
	char *arena;  /* set aside; NULL: nothing is */
	size_t arena_bytes;
	size_t arena_used; /* objects from here on were never lent */
};

/*
 * Makes an empty slab.  Allocates nothing, so it cannot fail.  keep 0 frees
 * every object at once, which lets a sanitizer see a use after slab_put().
 */
void slab_init(struct slab *slab, size_t object_bytes, size_t keep);

/*
 * Puts objects on the freelist until it holds min(count, keep).
 * Returns 0, or -1 with errno ENOMEM.
 */
int slab_warm(struct slab *slab, size_t count);

/*
 * Sets address space for count objects aside, which costs memory only where an
 * object is lent for the first time.  Where there is not so much, or keep is 0,
 * it does nothing, and objects come from malloc.
 */
void slab_reserve(struct slab *slab, size_t count);

/*
 * Lends an object, its bytes undefined; the caller owns it until slab_put().
 * Returns NULL, errno ENOMEM, when there is no memory for a new one.
 */
void *slab_get(struct slab *slab);

/* Takes an object back, to the slab that lent it. */
void slab_put(struct slab *slab, void *object);

/* Frees the freelist.  Every lent object must be back by now. */
void slab_fini(struct slab *slab);

#endif
