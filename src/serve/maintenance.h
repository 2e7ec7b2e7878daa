/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which sites are closed for maintenance.
 *
 * A byte for each site, in memory that a master shares with its workers: it
 * looks whether the flag files are there, with its rights, and they need only
 * read a byte for a request.
 */
#ifndef SERVE_MAINTENANCE_H
#define SERVE_MAINTENANCE_H

#include <stdbool.h>

#include "serve/site.h"

struct maintenance {
	unsigned char *closed; /* of each site: 1 or 0 */
	unsigned nsites;
};

/*
 * Takes the memory, and looks for the first time.  0, or -1 with errno ENOMEM.
 */
int maintenance_open(struct maintenance *maintenance, const struct conf *conf);

/*
 * Looks at the flag file of a site, if it has one.  True when the site was
 * closed by that, or opened; a file that cannot be looked at changes nothing.
 */
bool maintenance_look(const struct maintenance *maintenance,
    const struct conf *conf, unsigned site);

/* True when some site has a flag file, so that one must look from time to time.
 */
bool maintenance_has_flags(const struct conf *conf);

/* Lets sites, which are those of the same configuration, know when they are. */
void maintenance_tell(
    const struct maintenance *maintenance, struct site *sites);

/* Also of a zero *maintenance; this process alone forgets it. */
void maintenance_close(struct maintenance *maintenance);

#endif
