/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of a configuration that know where they came from. */
#ifndef CONF_ORIGIN_H
#define CONF_ORIGIN_H

/* Where a value came from.  file NULL: the default; "-p": a flag (line 0). */
struct conf_origin {
	const char *file;
	unsigned line;
};

/* A list value: words or lines, each with its origin. */
struct conf_list {
	const char **items;
	struct conf_origin *origins;
	unsigned nitems;
};

#endif
