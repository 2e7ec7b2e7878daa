/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sections that are there once for all sites, as [access_log], and may be there
 * again for one, as [access_log:SITE], which takes from the first what it does
 * not say itself.
 */
#ifndef CONF_PER_SITE_H
#define CONF_PER_SITE_H

#include "conf/internal.h"
#include "conf/report.h"

/* Hands down what sections of sites do not say; before lists have defaults. */
void per_site_inherit(struct conf *conf);

/* Gives each site the sections that are for it, or reports that there is none.
 */
void per_site_complete(struct conf *conf, struct report *report);

#endif
