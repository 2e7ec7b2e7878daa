/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which site answers a host: a table of all their names, taken at start.
 *
 * A host costs one look, however many names there are, and one more for each of
 * its labels when wildcards could match it.  "*.example.com" is in the table as
 * ".example.com", which is no host.
 */
#ifndef SERVE_HOSTS_H
#define SERVE_HOSTS_H

#include "core/span.h"
#include "serve/site.h"

/* One name of a site. */
struct hosts_name {
	struct span key; /* lower case, borrowed; len 0: a free place */
	uint32_t hash;
	const struct site *site;    /* NULL: renamed has it */
	const struct site *renamed; /* whose first host clients are sent to */
};

struct hosts {
	struct hosts_name *names;
	uint32_t mask; /* places - 1, of which at least half are free */
	unsigned nnames;
	unsigned wildcard_labels; /* most labels behind a star; 0: no star */
	uint64_t hash_key;
	const struct site *other; /* for all other names; NULL: none */
};

/*
 * Makes the table; sites[0] answers all other names, unless its configuration
 * says otherwise.  0, or -1 with errno ENOMEM.
 */
int hosts_init(struct hosts *hosts, const struct site *sites, unsigned nsites);

/*
 * The name that host, without port, in any case, perhaps with a dot behind it,
 * is or ends like: itself, else the longest behind a star.  NULL: none.
 */
const struct hosts_name *hosts_find(
    const struct hosts *hosts, struct span host);

/* The site that answers host; NULL: none does, or hosts_renamed(). */
static inline const struct site *
hosts_match(const struct hosts *hosts, struct span host)
{
	const struct hosts_name *name =
	    hosts->nnames == 0 ? NULL : hosts_find(hosts, host);

	return name == NULL ? hosts->other : name->site;
}

/* The site to whose first host the clients of host are sent; NULL: none. */
const struct site *hosts_renamed(const struct hosts *hosts, struct span host);

/* Also after a hosts_init() that failed. */
void hosts_fini(struct hosts *hosts);

#endif
