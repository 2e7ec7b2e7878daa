/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a file name to Content-Type.
 *
 * The longest ending that is known wins ("tar.gz" before "gz"), case does not
 * matter.  Text types come with their charset.
 */
#ifndef HTTP_MIME_H
#define HTTP_MIME_H

#include "core/span.h"

/* Most bytes of a type; a configuration can say no longer one. */
#define MIME_TYPE_BYTES 196

/* One row: an ending without its first dot, lower case, and its type. */
struct mime_type {
	struct span ending;
	struct span type;
};

/* Endings that are looked for have no more bytes. */
#define MIME_ENDING_BYTES 64

/* Overrides come first, what is built in last; the tables are borrowed. */
struct mime_map {
	const struct mime_type *overrides;
	size_t noverrides;
	const struct mime_type *types; /* sorted by ending, lower case */
	size_t ntypes;
};

/*
 * The media type for a file name or path; application/octet-stream when no
 * ending is known.  Text types carry "; charset=utf-8".
 */
struct span mime_lookup(const struct mime_map *map, struct span name);

/* The rows that are built in, sorted by ending; *n says how many. */
const struct mime_type *mime_builtin(size_t *n);

#endif
