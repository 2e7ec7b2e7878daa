/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rules for paths, found by a hash of the path, or of what is before the star:
 * as many looks as there are lengths of that, however many rules.
 *
 * The rule of the whole path wins, then the one with the most before its star,
 * then the one with the most behind it.
 */
#ifndef CONF_PATHMAP_H
#define CONF_PATHMAP_H

#include <stdint.h>

#include "conf/pathrule.h"

struct pathmap {
	struct pathrule **buckets;
	uint32_t mask;  /* buckets - 1, a power of two */
	unsigned *lens; /* of what is before a star, the longest first */
	unsigned nlens;
};

/* Makes room for nrules.  The store remembers when there was no memory. */
void pathmap_init(struct pathmap *map, unsigned nrules, struct store *store);

/*
 * Adds a rule, which must stay.  NULL, or the one that is for the same path and
 * stays in its place.
 */
const struct pathrule *pathmap_add(
    struct pathmap *map, struct pathrule *rule, struct store *store);

/* The rule for path, and what its star stands for; NULL: there is none. */
const struct pathrule *pathmap_find(
    const struct pathmap *map, struct span path, struct span *text);

#endif
