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

/* What is redirected needs a name to go to. */
static void
paths_check_redirect_hosts(const struct conf_site *site, struct report *report)
{
	const struct conf_list *list = &site->redirect_hosts;

	if (list->nitems == 0)
		return;
	if (site->hosts.nitems == 0)
		report_add(report, list->origins[0],
		    "site.redirect_hosts: \"%s\": the site has no hosts to "
		    "redirect to; set site.hosts",
		    list->items[0]);
	else if (site->hosts.items[0][0] == '*')
		report_add(report, site->hosts.origins[0],
		    "site.hosts: \"%s\": begins with a star, so that "
		    "redirect_hosts cannot lead there; name a host before it",
		    site->hosts.items[0]);
}

void
paths_check(const struct conf *conf, struct report *report)
{
	for (unsigned i = 0; i < conf->nsites; i++) {
		const struct conf_site *site = &conf->sites[i];

		paths_check_redirect_hosts(site, report);
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
