/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of a list, and media types: values with a grammar of their own. */
#ifndef CONF_ITEM_H
#define CONF_ITEM_H

#include "conf/conf.h"
#include "conf/keys.h"
#include "conf/store.h"

/* Takes the next word off *text; false at its end. */
bool item_next_word(struct span *text, struct span *word);

/* Takes the next item of a list off *text, a word or all; false at its end. */
bool item_next(const struct key *key, struct span *text, struct span *item);

/* A copy in lower case with a NUL; NULL when there is no memory. */
char *item_copy_lower(struct store *store, struct span text);

/*
 * Judges word as an item of a list, or as a value with a grammar of its own.
 * Returns NULL, or what is wrong, static text.
 */
const char *item_check(const struct key *key, struct span word);

/*
 * Adds a good word to the list of key; hosts and origins become lower case. The
 * store remembers when there was no memory for it.
 */
void item_append(const struct key *key, void *values, struct span word,
    struct conf_origin origin, struct store *store);

/* Empties the list of key. */
void item_clear(const struct key *key, void *values);

#endif
