/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys whose names are the user's: struct conf_pairs. */
#ifndef CONF_PAIRS_H
#define CONF_PAIRS_H

#include "conf/conf.h"
#include "conf/keys.h"
#include "conf/store.h"

/*
 * Judges name as one that a user gives to a key of this row.  Returns NULL, or
 * what is wrong and what to do, static text.
 */
const char *pairs_check_name(const struct key *key, struct span name);

/*
 * A copy of name in the form in which names of this row are compared; NULL when
 * there is no memory.
 */
const char *pairs_copy_name(
    const struct key *key, struct span name, struct store *store);

/* The pair of that name; NULL when there is none. */
struct conf_pair *pairs_find(const struct conf_pairs *pairs, struct span name);

/*
 * Puts *pair in the place of another one of *pairs, or behind them all when
 * there is NULL.  The store remembers when there was no memory for it.
 */
void pairs_put(struct conf_pairs *pairs, struct conf_pair *there,
    const struct conf_pair *pair, struct store *store);

#endif
