/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/site_name.h"

#include "conf/internal.h"
#include "conf/nearest.h"

struct conf_site *
site_name_find(const struct conf *conf, struct span name)
{
	for (unsigned i = 0; i < conf->nsites; i++)
		if (span_equal(span_of(conf->sites[i].name), name))
			return &conf->sites[i];
	return NULL;
}

void
site_name_refuse(const struct conf *conf, const void *values,
    const char *section, struct span name, struct report *report)
{
	char quoted[REPORT_QUOTED];
	struct nearest nearest;

	nearest_init(&nearest, name);
	for (unsigned i = 0; i < conf->nsites; i++)
		nearest_offer(&nearest, conf->sites[i].name);
	report_add(report, internal_place(conf, values, ""),
	    "%s: %s: no [site] has this name%s%s%s", section,
	    report_quote(quoted, name),
	    nearest.best == NULL ? "" : "; did you mean \"",
	    nearest.best == NULL ? "" : nearest.best,
	    nearest.best == NULL ? "" : "\"?");
}
