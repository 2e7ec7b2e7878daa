/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/paths.h"

#include "conf/internal.h"
#include "conf/pathmap.h"
#include "conf/pathname.h"
#include "conf/refuse.h"
#include "http/uri.h"

static void
paths_check_fallback(const struct conf *conf, const void *section,
    const char *name, const char *fallback, struct report *report)
{
	struct span path = span_of(fallback);
	char quoted[REPORT_QUOTED];
	const char *wrong;

	/* Else "off", or not set. */
	if (!span_starts_with(path, SPAN("/")))
		return;
	wrong = pathname_judge(path);
	if (wrong == NULL && path.ptr[path.len - 1] == '/')
		wrong = "a folder; name a file";
	if (wrong != NULL)
		report_add(report, internal_place(conf, section, "fallback"),
		    "%s.fallback: %s: %s; allowed: off, the path of a file "
		    "below the root",
		    name, report_quote(quoted, path), wrong);
}

static void
paths_check_tries(
    const char *name, const struct conf_list *tries, struct report *report)
{
	if (tries->nitems > CONF_TRIES_MAX)
		report_add(report, tries->origins[CONF_TRIES_MAX],
		    "%s.try: more than %d words, of which each may cost a "
		    "look for a file; take some out",
		    name, CONF_TRIES_MAX);
}

void
paths_check(const struct conf *conf, struct report *report)
{
	for (unsigned i = 0; i < conf->nsites; i++) {
		const struct conf_site *site = &conf->sites[i];

		paths_check_tries("site", &site->tries, report);
		paths_check_fallback(
		    conf, site, "site", site->fallback, report);
	}
	for (unsigned i = 0; i < conf->nmatches; i++) {
		const struct conf_match *match = &conf->matches[i];

		paths_check_tries("match", &match->tries, report);
		paths_check_fallback(
		    conf, match, "match", match->fallback, report);
	}
}
