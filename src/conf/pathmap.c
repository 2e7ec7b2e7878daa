/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/pathmap.h"

#include "core/hash.h"

/* Not a secret: what is in the table is not a client's. */
#define PATHMAP_HASH_KEY 0

void
pathmap_init(struct pathmap *map, unsigned nrules, struct store *store)
{
	uint32_t nbuckets = 1;

	while (nbuckets < 2 * nrules)
		nbuckets *= 2;
	*map = (struct pathmap){ .mask = nbuckets - 1 };
	map->buckets = store_alloc(store, nbuckets * sizeof(*map->buckets));
}

static struct pathrule **
pathmap_bucket(const struct pathmap *map, struct span head)
{
	uint32_t hash = hash_bytes(PATHMAP_HASH_KEY, head.ptr, head.len);

	return &map->buckets[hash & map->mask];
}

/* Remembers a length of what is before a star. */
static void
pathmap_add_len(struct pathmap *map, unsigned len, struct store *store)
{
	unsigned *lens, at = 0;

	while (at < map->nlens && map->lens[at] > len)
		at++;
	if (at < map->nlens && map->lens[at] == len)
		return;
	lens = store_grow(store, map->lens, map->nlens, sizeof(*lens));
	if (lens == NULL)
		return;
	memmove(lens + at + 1, lens + at, (map->nlens - at) * sizeof(*lens));
	lens[at] = len;
	map->lens = lens;
	map->nlens++;
}

const struct pathrule *
pathmap_add(struct pathmap *map, struct pathrule *rule, struct store *store)
{
	struct pathrule **at;

	if (map->buckets == NULL)
		return NULL;
	at = pathmap_bucket(map, rule->head);
	/* Those with more behind the star come first. */
	for (; *at != NULL && (*at)->tail.len >= rule->tail.len;
	     at = &(*at)->next)
		if ((*at)->has_star == rule->has_star &&
		    span_equal((*at)->head, rule->head) &&
		    span_equal((*at)->tail, rule->tail))
			return *at;
	rule->next = *at;
	*at = rule;
	if (rule->has_star)
		pathmap_add_len(map, (unsigned)rule->head.len, store);
	return NULL;
}

/* The rule whose head is the first len bytes of path. */
static const struct pathrule *
pathmap_look(const struct pathmap *map, struct span path, size_t len, bool star)
{
	const struct span head = { path.ptr, len };
	const struct span rest = { path.ptr + len, path.len - len };
	const struct pathrule *rule = *pathmap_bucket(map, head);

	while (rule != NULL &&
	       (rule->has_star != star || !span_equal(rule->head, head) ||
		   !span_ends_with(rest, rule->tail)))
		rule = rule->next;
	return rule;
}

const struct pathrule *
pathmap_find(const struct pathmap *map, struct span path, struct span *text)
{
	const struct pathrule *rule = pathmap_look(map, path, path.len, false);

	*text = (struct span){ 0 };
	for (unsigned i = 0; rule == NULL && i < map->nlens; i++) {
		size_t len = map->lens[i];

		if (len > path.len)
			continue;
		rule = pathmap_look(map, path, len, true);
		if (rule != NULL)
			*text = (struct span){ path.ptr + len,
				path.len - len - rule->tail.len };
	}
	return rule;
}
