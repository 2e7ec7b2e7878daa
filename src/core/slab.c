/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/slab.h"

#include <assert.h>
#include <stdlib.h>

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
		link = malloc(slab->object_bytes);
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
	if (slab->nfree < slab->keep)
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
		free(link);
	}
	slab->nfree = 0;
}
