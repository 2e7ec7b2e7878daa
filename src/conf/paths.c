/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/paths.h"

#include "conf/internal.h"

/* The one exception among names with a dot (RFC 8615). */
#define PATHS_WELL_KNOWN "/.well-known/"

const char *
paths_judge(struct span path)
{
	if (path.len == 0 || *path.ptr != '/')
		return "does not begin with a slash";
	if (path.len > PATHS_BYTES_MAX)
		return "too long";
	if (memchr(path.ptr, '\\', path.len) != NULL)
		return "a backslash, which no path has";
	if (memmem(path.ptr, path.len, "//", 2) != NULL)
		return "two slashes together, of which a request has one";
	if (span_starts_with(path, SPAN(PATHS_WELL_KNOWN))) {
		path.ptr += sizeof(PATHS_WELL_KNOWN) - 2;
		path.len -= sizeof(PATHS_WELL_KNOWN) - 2;
	}
	if (memmem(path.ptr, path.len, "/.", 2) != NULL)
		return "a name that begins with a dot is never served";
	return NULL;
}

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
	wrong = paths_judge(path);
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
