/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A rule of [redirect] or [rewrite]: which paths it is for, and what becomes
 * of them.
 *
 * A path may have one star, for any text, which comes where the star of the
 * target stands.  That text was decoded: in a Location it is encoded again, and
 * two slashes never meet where it was put in.
 */
#ifndef CONF_PATHRULE_H
#define CONF_PATHRULE_H

#include <stdbool.h>

#include "conf/origin.h"
#include "conf/store.h"
#include "core/span.h"

enum pathrule_kind { PATHRULE_REDIRECT, PATHRULE_REWRITE };

struct pathrule {
	const struct conf_pair *pair; /* as it was written */
	/* The path, decoded: all of it, or what is round its star. */
	struct span head;
	struct span tail;
	bool has_star;
	unsigned status;  /* of the answer; 410 has no target; 0: a rewrite */
	bool drops_query; /* of the request */
	bool is_local;    /* the target is a path of the same host */
	bool puts_text;   /* the target has a star */
	bool text_in_query;
	bool has_query; /* the target has one */
	/* The target, encoded, but for a rewrite: what is round its star. */
	struct span before;
	struct span after;
	struct span fragment;  /* with its '#' */
	struct pathrule *next; /* see pathmap.h */
};

/*
 * Makes a rule of what was written, which it borrows; all else is in the store,
 * which remembers when there was no memory.  Returns NULL, or what is wrong,
 * static text; *in_path tells whether with the path or with the target.
 */
const char *pathrule_parse(struct pathrule *rule, enum pathrule_kind kind,
    const struct conf_pair *pair, bool *in_path, struct store *store);

/*
 * Writes the Location of a redirect, text being what the star of its path
 * stands for and query that of the request with its '?'.  Returns the length,
 * or 0 when it does not fit.
 */
size_t pathrule_write_location(const struct pathrule *rule, struct span text,
    struct span query, char *out, size_t cap);

/*
 * Writes the path that a rewrite leads to, with a NUL behind it.  Returns the
 * length, or 0 when it does not fit.
 */
size_t pathrule_write_path(
    const struct pathrule *rule, struct span text, char *out, size_t cap);

#endif
