/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a value came from: a line of a file, or what was said outside of the
 * files, which wins over them.
 */
#ifndef CONF_ORIGIN_H
#define CONF_ORIGIN_H

/* What says a value; the later ones win over the earlier ones. */
enum conf_layer {
	CONF_FILES,       /* and what quick mode has in place of a file */
	CONF_ENVIRONMENT, /* TINED_SECTION_KEY */
	CONF_OPTIONS,     /* the command line: -o, -p, DIR */
};

/*
 * file NULL: the default.  Without a line it is no file: the name of a variable
 * or of an argument, "TINED_SERVER_USER", "-o".
 */
struct conf_origin {
	const char *file;
	unsigned line;
	enum conf_layer layer;
};

/* What is said outside of the files; all borrowed. */
struct conf_overrides {
	const char *const *environment; /* as environ(7); NULL: none */
	const char *const *options;     /* of -o, "section.key=value" */
	unsigned noptions;
};

/* A list value: words or lines, each with its origin. */
struct conf_list {
	const char **items;
	struct conf_origin *origins;
	unsigned nitems;
};

/* A key whose name is the user's, as in [mime]. */
struct conf_pair {
	const char *name;
	const char *value;
	struct conf_origin origin;
};

/* All such keys of a section, in the order of the files. */
struct conf_pairs {
	struct conf_pair *items;
	unsigned nitems;
};

#endif
