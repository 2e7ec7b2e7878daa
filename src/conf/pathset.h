/* SPDX-License-Identifier: BSD-2-Clause */
/* The sections [redirect] and [rewrite], made into maps for the sites. */
#ifndef CONF_PATHSET_H
#define CONF_PATHSET_H

#include "conf/conf.h"
#include "conf/pathmap.h"
#include "conf/report.h"

/*
 * The rule of a site for path, and what its star stands for: one of its own,
 * else one of those for all sites.  NULL: there is none.
 */
static inline const struct pathrule *
pathset_find(
    const struct pathmap *const maps[2], struct span path, struct span *text)
{
	const struct pathrule *rule = NULL;

	if (maps[0] != NULL)
		rule = pathmap_find(maps[0], path, text);
	if (rule == NULL && maps[1] != NULL)
		rule = pathmap_find(maps[1], path, text);
	return rule;
}

/*
 * Reads the rules of all sections and gives each site its maps.  What is wrong
 * with them is reported, redirects in a circle too.
 */
void pathset_complete(struct conf *conf, struct report *report);

#endif
