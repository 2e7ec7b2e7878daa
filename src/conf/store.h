/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that lives as long as one configuration and goes all at once.
 *
 * Running out of memory is remembered, so a caller may go on with NULL and
 * whoever finishes the configuration says it once.
 */
#ifndef CONF_STORE_H
#define CONF_STORE_H

#include <stdbool.h>

#include "core/span.h"

struct store_block;

struct store {
	struct store_block *newest;
	bool failed; /* some call below returned NULL */
};

/* Zeroed bytes, which the store owns; NULL when there is no memory. */
void *store_alloc(struct store *store, size_t bytes);

/* A copy of text with a NUL; NULL when there is no memory. */
char *store_copy(struct store *store, struct span text);

/*
 * An array with room for one more behind its nitems: array itself (NULL when
 * there are none) or a larger copy.  NULL when there is no memory.
 */
void *store_grow(
    struct store *store, void *array, unsigned nitems, size_t item_bytes);

/* Frees everything; the store is empty again. */
void store_fini(struct store *store);

#endif
