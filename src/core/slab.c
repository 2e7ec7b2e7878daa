/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/slab.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

/* As malloc aligns. */
#define SLAB_ALIGN _Alignof(max_align_t)

/* What a free object holds: the way to the next one. */
struct slab_link {
	struct slab_link *next;
};

void
slab_init(struct slab *slab, size_t object_bytes, size_t keep)
{
	if (object_bytes < sizeof(struct slab_link))
		object_bytes = sizeof(struct slab_link);
	*slab = (struct slab){ .object_bytes = object_bytes, .keep = keep };
}

void
slab_reserve(struct slab *slab, size_t count)
{
	size_t bytes =
	    (slab->object_bytes + SLAB_ALIGN - 1) / SLAB_ALIGN * SLAB_ALIGN;
	void *map;

	if (slab->keep == 0 || count == 0 || bytes > SIZE_MAX / count)
		return;
	map = mmap(NULL, bytes * count, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (map == MAP_FAILED)
		return;
	/* A huge page would take memory for hundreds of objects at once. */
	(void)madvise(map, bytes * count, MADV_NOHUGEPAGE);
	slab->object_bytes = bytes;
	slab->arena = map;
	slab->arena_bytes = bytes * count;
}

/* Kept out of slab_get(), so that what is done most of the time is small. */
static void *slab_take(struct slab *slab) __attribute__((cold));

/* An object that was never lent; NULL when there is no memory. */
static void *
slab_take(struct slab *slab)
{
	size_t at = slab->arena_used;

	if (slab->arena_bytes - at < slab->object_bytes)
		return malloc(slab->object_bytes);
	slab->arena_used += slab->object_bytes;
	return slab->arena + at;
}

static bool
slab_is_in_arena(const struct slab *slab, const void *object)
{
	return (uintptr_t)object - (uintptr_t)slab->arena < slab->arena_bytes;
}

static void
slab_push(struct slab *slab, void *object)
{
	struct slab_link *link = object;

	/* Last in, first out: the newest object is still in the CPU cache. */
	link->next = slab->free;
	slab->free = link;
	slab->nfree++;
}

int
slab_warm(struct slab *slab, size_t count)
{
	while (slab->nfree < count && slab->nfree < slab->keep) {
		void *object = malloc(slab->object_bytes);

		if (object == NULL)
			return -1;
		slab_push(slab, object);
	}
	return 0;
}

void *
slab_get(struct slab *slab)
{
	struct slab_link *link = slab->free;

	if (link != NULL) {
		slab->free = link->next;
		slab->nfree--;
	} else {
		link = slab_take(slab);
		if (link == NULL)
			return NULL;
	}
	slab->nlent++;
	return link;
}

void
slab_put(struct slab *slab, void *object)
{
	assert(object != NULL && slab->nlent > 0);
	slab->nlent--;
	if (slab->nfree < slab->keep || slab_is_in_arena(slab, object))
		slab_push(slab, object);
	else
		free(object);
}

void
slab_fini(struct slab *slab)
{
	struct slab_link *link;

	assert(slab->nlent == 0);
	while ((link = slab->free) != NULL) {
		slab->free = link->next;
		if (!slab_is_in_arena(slab, link))
			free(link);
	}
	slab->nfree = 0;
	/* Fails only for an address that was never mapped. */
	if (slab->arena != NULL)
		(void)munmap(slab->arena, slab->arena_bytes);
	slab->arena = NULL;
	slab->arena_bytes = slab->arena_used = 0;
}
