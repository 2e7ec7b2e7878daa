/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/pathset.h"

#include "conf/internal.h"
#include "conf/pathname.h"
#include "conf/refuse.h"
#include "conf/site_name.h"

/* Redirects that one leads to, of which a browser follows about 20. */
#define PATHSET_STEPS 32

/* Enough for a Location, and for what it is decoded to. */
#define PATHSET_BYTES (4 * PATHNAME_BYTES_MAX + 1)

/* The two kinds of sections, in the order of enum pathrule_kind. */
static const char *const pathset_names[] = { "redirect", "rewrite" };

/* Says what is wrong with a rule. */
static void
pathset_refuse(const struct conf_pair *pair, enum pathrule_kind kind,
    const char *what, bool in_path, struct report *report)
{
	const struct key_section *section =
	    keys_section(span_of(pathset_names[kind]));
	struct key key = section->keys[0];
	char name[REPORT_QUOTED];

	key.name = refuse_name(name, span_of(pair->name));
	if (in_path)
		report_add(report, pair->origin,
		    "%s.%s: %s; allowed: /PATH with one * in it", section->name,
		    name, what);
	else
		refuse_value(report, section, &key, span_of(pair->value), what,
		    pair->origin);
}

static void
pathset_add(struct pathmap *map, enum pathrule_kind kind, struct pathrule *rule,
    struct store *store, struct report *report)
{
	const struct pathrule *there = pathmap_add(map, rule, store);
	char name[REPORT_QUOTED], place[REPORT_PLACE];

	if (there == NULL)
		return;
	report_add(report, rule->pair->origin,
	    "%s.%s: the same path as at %s; take one of them out",
	    pathset_names[kind], refuse_name(name, span_of(rule->pair->name)),
	    report_place(place, there->pair->origin));
}

/* Makes the map of a section; without rules there is none. */
static void
pathset_make_map(struct conf_pathset *set, enum pathrule_kind kind,
    struct store *store, struct report *report)
{
	const struct conf_pairs *pairs = &set->pairs;
	struct pathrule *rules;
	struct pathmap *map;

	if (pairs->nitems == 0)
		return;
	rules = store_alloc(store, pairs->nitems * sizeof(*rules));
	map = store_alloc(store, sizeof(*map));
	if (rules == NULL || map == NULL)
		return;
	pathmap_init(map, pairs->nitems, store);
	for (unsigned i = 0; i < pairs->nitems && !store->failed; i++) {
		bool in_path;
		const char *wrong = pathrule_parse(
		    &rules[i], kind, &pairs->items[i], &in_path, store);

		if (store->failed)
			return;
		if (wrong != NULL)
			pathset_refuse(
			    &pairs->items[i], kind, wrong, in_path, report);
		else
			pathset_add(map, kind, &rules[i], store, report);
	}
	set->rules = rules;
	set->map = map;
}

/* The maps of a site: its own, and that of all. */
static const struct pathmap **
pathset_maps(struct conf_site *site, enum pathrule_kind kind)
{
	return kind == PATHRULE_REDIRECT ? site->redirects : site->rewrites;
}

/* Gives the sites the map of a section. */
static void
pathset_give(struct conf *conf, const struct conf_pathset *set,
    enum pathrule_kind kind, struct report *report)
{
	struct span name = span_of(set->name);
	struct conf_site *site;

	if (name.len == 0) {
		for (unsigned i = 0; i < conf->nsites; i++)
			pathset_maps(&conf->sites[i], kind)[1] = set->map;
		return;
	}
	site = site_name_find(conf, name);
	if (site == NULL)
		site_name_refuse(conf, set, pathset_names[kind], name, report);
	else
		pathset_maps(site, kind)[0] = set->map;
}

/*
 * Puts into path, of PATHSET_BYTES, where a redirect leads to on this site;
 * false when it leaves it.  *len is 0 when that does not fit, which only a path
 * that grows from redirect to redirect can bring about.
 */
static bool
pathset_follow(
    const struct pathrule *rule, struct span text, char *path, size_t *len)
{
	char location[PATHSET_BYTES];
	struct span target = { location, 0 };

	*len = 0;
	if (!rule->is_local || rule->status == 410)
		return false;
	target.len = pathrule_write_location(
	    rule, text, (struct span){ 0 }, location, sizeof(location) - 1);
	/* The path alone is looked at. */
	for (size_t i = 0; i < target.len; i++)
		if (location[i] == '?' || location[i] == '#')
			target.len = i;
	if (pathname_decode(target, path, len) != NULL)
		return false;
	path[*len] = '\0';
	/* Not what a request has: a client, or we, would make another of it. */
	return memmem(path, *len, "/.", 2) == NULL &&
	       memmem(path, *len, "//", 2) == NULL;
}

/*
 * True when a redirect leads to itself, or on and on.  What its star stands for
 * is a name that no rule has.
 */
static bool
pathset_is_circle(const struct pathmap *const maps[2],
    const struct pathrule *first, char *path)
{
	const struct pathrule *rule = first;
	struct span text = SPAN("(any)");

	for (unsigned i = 0; i < PATHSET_STEPS; i++) {
		char next[PATHSET_BYTES];
		size_t len;

		if (!pathset_follow(rule, text, next, &len))
			return false;
		if (len == 0)
			break;
		memcpy(path, next, len + 1);
		rule = pathset_find(maps, (struct span){ path, len }, &text);
		if (rule == NULL)
			return false;
		if (rule == first)
			break;
	}
	return true;
}

/* Looks for circles among the redirects of a section. */
static void
pathset_check(const struct conf_pathset *set,
    const struct pathmap *const maps[2], struct report *report)
{
	char path[PATHSET_BYTES], name[REPORT_QUOTED], quoted[REPORT_QUOTED];

	for (unsigned i = 0; set->map != NULL && i < set->pairs.nitems; i++) {
		const struct pathrule *rule = &set->rules[i];

		/* One that was refused leads nowhere. */
		path[0] = '\0';
		if (rule->status == 0 || !pathset_is_circle(maps, rule, path))
			continue;
		report_add(report, rule->pair->origin,
		    "redirect.%s: %s: leads in a circle, as %s is redirected "
		    "too; name another target",
		    refuse_name(name, span_of(rule->pair->name)),
		    report_quote(quoted, span_of(rule->pair->value)), path);
	}
}

void
pathset_complete(struct conf *conf, struct report *report)
{
	struct store *store = &conf->internal->store;

	for (unsigned i = 0; i < conf->nredirects; i++) {
		pathset_make_map(
		    &conf->redirects[i], PATHRULE_REDIRECT, store, report);
		pathset_give(
		    conf, &conf->redirects[i], PATHRULE_REDIRECT, report);
	}
	for (unsigned i = 0; i < conf->nrewrites; i++) {
		pathset_make_map(
		    &conf->rewrites[i], PATHRULE_REWRITE, store, report);
		pathset_give(
		    conf, &conf->rewrites[i], PATHRULE_REWRITE, report);
	}
	for (unsigned i = 0; i < conf->nredirects; i++) {
		const struct conf_pathset *set = &conf->redirects[i];
		const struct conf_site *site =
		    site_name_find(conf, span_of(set->name));
		const struct pathmap *const alone[2] = { set->map, NULL };

		pathset_check(set,
		    set->name[0] == '\0' || site == NULL ? alone
							 : site->redirects,
		    report);
	}
}
