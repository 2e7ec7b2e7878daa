/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/match.h"

#include "conf/cors_lines.h"
#include "conf/internal.h"
#include "conf/item.h"
#include "conf/reserved.h"
#include "conf/site_name.h"
#include "core/number.h"

/* A name in its parts; the site is the zero span where there is none. */
struct match_name {
	struct span site;
	struct span glob;
};

/* What is wrong with a name; NULL when nothing is. */
static const char *
match_split(const char *text, struct match_name *name)
{
	const struct key_section *section = keys_section(SPAN("match"));
	const struct key *paths = keys_find(section, SPAN("paths"));
	struct span rest = span_of(text), more;

	*name = (struct match_name){ 0 };
	if (!item_next_word(&rest, &name->glob))
		return "no glob; write [match:GLOB] or [match:SITE GLOB]";
	if (item_next_word(&rest, &more)) {
		name->site = name->glob;
		name->glob = more;
	}
	if (item_next_word(&rest, &more))
		return "more than a site and a glob; name further globs with "
		       "paths = GLOB";
	return item_check(paths, name->glob);
}

static void
match_give(struct conf *conf, struct conf_site *site,
    const struct conf_match *match, struct report *report)
{
	const struct conf_match **grown;

	if (site->nmatches == CONF_MATCHES_MAX) {
		report_add(report, internal_place(conf, match, ""),
		    "match: [site%s%s] has %d of these sections already; "
		    "put globs of several into one, with paths = GLOB",
		    site->name[0] == '\0' ? "" : ":", site->name,
		    CONF_MATCHES_MAX);
		return;
	}
	grown = store_grow(&conf->internal->store, site->matches,
	    site->nmatches, sizeof(grown[0]));
	if (grown == NULL)
		return;
	grown[site->nmatches++] = match;
	site->matches = grown;
}

/* Refuses the fields of a list that are not for sections to set. */
static void
match_check_fields(
    const struct conf_list *list, const char *key, struct report *report)
{
	char quoted[REPORT_QUOTED];

	for (unsigned i = 0; i < list->nitems; i++) {
		const char *item = list->items[i];
		struct span name = { item, strcspn(item, ":") };
		const char *advice = reserved_advice(name);

		if (advice != NULL)
			report_add(report, list->origins[i],
			    "match.%s: %s: the server itself says what this "
			    "field is; %s",
			    key, report_quote(quoted, name), advice);
	}
}

/* A key that says more of another one, which is not set. */
static void
match_check_beside(const struct conf *conf, const struct conf_match *match,
    const char *key, const char *other, struct report *report)
{
	struct conf_origin origin = internal_origin_of_change(conf, match, key);

	if (origin.file == NULL ||
	    internal_origin(conf, match, other).file != NULL)
		return;
	report_add(report, origin,
	    "match.%s: means nothing in a section without %s; write %s = "
	    "above it, or take it out",
	    key, other, other);
}

static void
match_check_cache(const struct conf *conf, const struct conf_match *match,
    struct report *report)
{
	char place[REPORT_PLACE];

	match_check_beside(conf, match, "cache_missing", "cache", report);
	if (match->cache_missing_ms % 1000 != 0)
		report_add(report, internal_place(conf, match, "cache_missing"),
		    "match.cache_missing: not whole seconds");
	for (unsigned i = 0; match->cache[0] != '\0' && i < match->set.nitems;
	     i++) {
		const char *item = match->set.items[i];
		struct span name = { item, strcspn(item, ":") };

		if (span_equal_nocase(name, SPAN("Cache-Control")))
			report_add(report, match->set.origins[i],
			    "match.set: Cache-Control: said by cache already, "
			    "at %s; take one of them out",
			    report_place(
				place, internal_place(conf, match, "cache")));
	}
}

/* What bandwidth says as a number; its text was looked at before. */
static void
match_complete_rate(
    struct conf *conf, struct conf_match *match, struct report *report)
{
	match_check_beside(conf, match, "bandwidth_after", "bandwidth", report);
	match->paces = match->bandwidth[0] != '\0';
	if (number_parse_bytes(span_of(match->bandwidth), &match->rate) == -1)
		match->rate = 0;
}

static void
match_check(const struct conf *conf, const struct conf_match *match,
    struct report *report)
{
	match_check_cache(conf, match, report);
	match_check_fields(&match->set, "set", report);
	match_check_fields(&match->append, "append", report);
	match_check_fields(&match->unset, "unset", report);
}

static void
match_complete_one(
    struct conf *conf, struct conf_match *match, struct report *report)
{
	struct match_name name;
	const char *wrong = match_split(match->name, &name);
	struct conf_site *site;
	char quoted[REPORT_QUOTED];

	if (wrong != NULL) {
		report_add(report, internal_place(conf, match, ""),
		    "match: %s: %s", report_quote(quoted, span_of(match->name)),
		    wrong);
		return;
	}
	match->glob = store_copy(&conf->internal->store, name.glob);
	if (name.site.len == 0) {
		for (unsigned i = 0; i < conf->nsites; i++)
			match_give(conf, &conf->sites[i], match, report);
		return;
	}
	site = site_name_find(conf, name.site);
	if (site == NULL)
		site_name_refuse(conf, match, "match", name.site, report);
	else
		match_give(conf, site, match, report);
}

void
match_complete(struct conf *conf, struct report *report)
{
	for (unsigned i = 0; i < conf->nmatches; i++) {
		match_check(conf, &conf->matches[i], report);
		cors_lines_complete(conf, &conf->matches[i], report);
		match_complete_rate(conf, &conf->matches[i], report);
		match_complete_one(conf, &conf->matches[i], report);
	}
}
