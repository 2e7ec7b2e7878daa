/* SPDX-License-Identifier: BSD-2-Clause */
/* Values as a file has them, and as the structs of conf.h hold them. */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include "conf/conf.h"
#include "conf/keys.h"
#include "conf/store.h"

/* Enough for any text below, with its NUL. */
#define VALUE_TEXT 160

/* The field of key in the struct of its section. */
void *value_field(const struct key *key, void *values);

/*
 * Reads text into the field of a key that is no list; what must last is
 * copied into store.  Returns NULL, or what is wrong, static text.
 */
const char *value_parse(
    const struct key *key, void *values, struct span text, struct store *store);

/*
 * The value of a key that is no list, as value_parse() reads it: a string of
 * the configuration, or written into out.
 */
const char *value_text(
    const struct key *key, const void *values, char out[VALUE_TEXT]);

/* Copies the field of a key, a single value or a list. */
void value_copy(const struct key *key, void *to, const void *from);

/* Writes what values the key allows, for people; returns out. */
const char *value_allowed(const struct key *key, char out[VALUE_TEXT]);

#endif
