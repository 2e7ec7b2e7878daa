/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/pairs.h"

#include "conf/error_status.h"
#include "conf/item.h"

static const char *
pairs_check_ending(struct span name)
{
	return *name.ptr == '.' || memchr(name.ptr, '/', name.len) != NULL
		   ? "not an ending; write it without the first dot and "
		     "without a slash"
		   : NULL;
}

const char *
pairs_check_name(const struct key *key, struct span name)
{
	if (key->type == KEY_MEDIA_TYPE)
		return pairs_check_ending(name);
	if (key->type == KEY_ERROR_PAGE)
		return error_status_check(name);
	/* A path is judged with its rule, by conf/pathset.c. */
	return NULL;
}

const char *
pairs_copy_name(const struct key *key, struct span name, struct store *store)
{
	/* The case of endings does not matter. */
	return key->type == KEY_MEDIA_TYPE ? item_copy_lower(store, name)
					   : store_copy(store, name);
}

struct conf_pair *
pairs_find(const struct conf_pairs *pairs, struct span name)
{
	for (unsigned i = 0; i < pairs->nitems; i++)
		if (span_equal(span_of(pairs->items[i].name), name))
			return &pairs->items[i];
	return NULL;
}

void
pairs_put(struct conf_pairs *pairs, struct conf_pair *there,
    const struct conf_pair *pair, struct store *store)
{
	struct conf_pair *grown;

	if (there != NULL) {
		*there = *pair;
		return;
	}
	grown = store_grow(store, pairs->items, pairs->nitems, sizeof(*grown));
	if (grown == NULL)
		return;
	grown[pairs->nitems++] = *pair;
	pairs->items = grown;
}
