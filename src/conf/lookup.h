/* SPDX-License-Identifier: BSD-2-Clause */
/* Settings for the way from a path to a file. */
#ifndef CONF_LOOKUP_H
#define CONF_LOOKUP_H

#include "conf/origin.h"

/* What each word of a try list begins with. */
#define CONF_URI "$uri"

/* Words of a try list; each may cost a look for a file. */
#define CONF_TRIES_MAX 8

/* Which of the URLs of a file are redirected to one. */
enum conf_canonical {
	CONF_CANONICAL_OFF,
	CONF_CANONICAL_EXTENSIONLESS, /* "/a" for a.html, "/a/" for its index */
	CONF_CANONICAL_SLASH,         /* "/a/" for both */
};

/* How clients reach a site. */
enum conf_scheme { CONF_SCHEME_HTTP, CONF_SCHEME_HTTPS };

struct pathmap;
struct pathrule;

/* One [redirect], [redirect:SITE], [rewrite] or [rewrite:SITE] section. */
struct conf_pathset {
	const char *name;        /* of the site; "": for all */
	struct conf_pairs pairs; /* by path */
	/* The same, to be looked up: see conf/pathset.h. */
	const struct pathrule *rules; /* pairs.nitems */
	const struct pathmap *map;    /* NULL: no rules */
};

/* Whether files are kept open, and sent from the caches of the kernel. */
enum conf_storage {
	CONF_STORAGE_AUTO, /* as their file system is known */
	CONF_STORAGE_LOCAL,
	CONF_STORAGE_REMOTE,
};

#endif
