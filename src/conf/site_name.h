/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding the site that another section names. */
#ifndef CONF_SITE_NAME_H
#define CONF_SITE_NAME_H

#include "conf/conf.h"
#include "conf/report.h"

/* The site of that name; NULL when there is none. */
struct conf_site *site_name_find(const struct conf *conf, struct span name);

/*
 * Refuses the name in a section whose struct is at values and whose kind is
 * section: no site has it.
 */
void site_name_refuse(const struct conf *conf, const void *values,
    const char *section, struct span name, struct report *report);

#endif
