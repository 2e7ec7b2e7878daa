/* SPDX-License-Identifier: BSD-2-Clause */
/* What [match] sections say of who may see a path, and what they name. */
#ifndef CONF_GUARD_H
#define CONF_GUARD_H

#include "conf/conf.h"
#include "conf/report.h"
#include "conf/sources.h"

/* What a [match] section says instead of a name, to let everybody in. */
#define GUARD_NONE "none"

/* True when the section sets auth. */
static inline bool
guard_is_set(const struct conf_match *match)
{
	return match->auth != NULL && match->auth[0] != '\0';
}

/*
 * Finds the [auth] and [role] sections that [match] sections name, which must
 * be given to their sites, and makes the challenges.  What is wrong is
 * reported.
 */
void guard_complete(struct conf *conf, struct report *report);

/* Adds the files of secrets to those that the configuration is made of. */
void guard_watch(const struct conf *conf, struct sources *sources);

#endif
