/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/explain_locate.h"

#include <errno.h>

#include "conf/pathset.h"
#include "serve/explain_file.h"
#include "serve/fallback.h"
#include "serve/rewrite.h"

static const char *
explain_locate_text(int error)
{
	return error == 0 ? "there" : explain_file_error(error);
}

/* Tries the index files of a folder, as locate_find_index() does. */
static enum locate_outcome
explain_locate_index(const struct explain *explain, struct locate *search)
{
	const struct conf_list *index = &search->site->conf->index;
	int error = ENOENT;

	for (unsigned i = 0; i < index->nitems; i++) {
		struct span name = span_of(index->items[i]);

		if (search->len + name.len >= RESOURCE_PATH_BYTES)
			continue;
		memcpy(search->path + search->len, name.ptr, name.len + 1);
		error = locate_look(search,
		    (struct span){ search->path, search->len + name.len });
		explain_say(explain->out, "index", "%s: %s", name.ptr,
		    explain_locate_text(error));
		if (error != ENOENT && error != EISDIR)
			break;
	}
	return locate_outcome(error);
}

/* What a word of the try list stands for, and what is there. */
static enum locate_outcome
explain_locate_try(
    const struct explain *explain, struct locate *search, unsigned i)
{
	const char *word = search->tries->items[i];
	const struct conf_origin *origin = &search->tries->origins[i];
	enum locate_outcome outcome;
	char place[REPORT_PLACE] = "default";
	struct span name;

	if (origin->file != NULL)
		(void)report_place(place, *origin);
	if (!locate_is_folder_word(word)) {
		if (!locate_compose(search, word, &name)) {
			explain_say(explain->out, "try",
			    "%s (%s): says nothing of this path", word, place);
			return LOCATE_NOTHING;
		}
		outcome = locate_try(search, word);
		explain_say(explain->out, "try", "%s (%s): %.*s: %s", word,
		    place, (int)name.len, name.ptr,
		    explain_locate_text(search->resource->error));
		return outcome;
	}
	if (locate_asks_folder((struct span){ search->path, search->len })) {
		explain_say(
		    explain->out, "try", "%s (%s): an index file", word, place);
		return explain_locate_index(explain, search);
	}
	outcome = locate_try(search, word);
	explain_say(explain->out, "try", "%s (%s): %s", word, place,
	    outcome == LOCATE_FOLDER ? "a folder" : "no folder");
	return outcome;
}

/* The one path of what was found, if the site wants that. */
static bool
explain_locate_canonical(const struct explain *explain, struct locate *search,
    enum locate_outcome outcome)
{
	const struct conf_site *site = search->site->conf;
	struct canonical *canonical = &explain->serve->find.canonical;
	struct span path = { 0 };
	char place[REPORT_PLACE];
	bool differs = false;

	if (site->canonical == CONF_CANONICAL_OFF)
		return false;
	if (outcome == LOCATE_FILE)
		differs = canonical_differs(canonical, search, &path);
	if (outcome == LOCATE_NOTHING)
		differs = canonical_lacks_slash(canonical, search, &path);
	explain_say(explain->out, "canonical", "%s (%s): %s%.*s",
	    site->canonical == CONF_CANONICAL_SLASH ? "slash" : "extensionless",
	    explain_origin(explain, site, "canonical", place),
	    differs ? "redirected to " : "the path stays",
	    differs ? (int)path.len : 0, differs ? path.ptr : "");
	return differs;
}

/* Why the file for where nothing is was served, or not. */
static const char *
explain_locate_fallback_reason(
    const struct explain *explain, struct locate *search, struct span path)
{
	if (!fallback_may_be_page((struct span){
		explain->serve->path, explain->serve->decoded_len }))
		return "not for this, as the last name has a dot, like that "
		       "of a file";
	if (!fallback_is_navigation(explain->request))
		return "not for this, as by Sec-Fetch-Mode and Accept nobody "
		       "goes to the page";
	return explain_locate_text(locate_look(search, path));
}

static void
explain_locate_fallback(
    const struct explain *explain, struct locate *search, uint64_t matched)
{
	const struct site *site = search->site;
	const struct conf_match *match =
	    rules_last(site->conf->matches, matched & site->with_fallback);
	struct span path = fallback_path(site, matched);
	char place[REPORT_PLACE];
	const char *origin = explain_origin(explain,
	    match == NULL ? (const void *)site->conf : match, "fallback",
	    place);

	if (path.len == 0)
		explain_say(explain->out, "fallback", "off (%s)", origin);
	else
		explain_say(explain->out, "fallback", "%s (%s): %s", path.ptr,
		    origin,
		    explain_locate_fallback_reason(explain, search, path));
}

static void
explain_locate_end(
    struct explain *explain, struct locate *search, enum locate_outcome outcome)
{
	/* It may not be what was looked at last. */
	if (outcome == LOCATE_FOLDER) {
		search->path[search->len] = '\0';
		(void)locate_look(
		    search, (struct span){ search->path, search->len });
	}
	if (search->resource == NULL)
		return;
	memmove(explain->path, search->found.ptr, search->found.len);
	explain->path_len = search->found.len;
	explain->path[explain->path_len] = '\0';
	explain_file_steps(explain, search->resource);
}

/* Where a rule was written, and what it says. */
static void
explain_locate_rule(const struct explain *explain, const char *step,
    const struct pathrule *rule, struct span result)
{
	char place[REPORT_PLACE];

	explain_say(explain->out, step, "%s = %s (%s): %.*s", rule->pair->name,
	    rule->pair->value, report_place(place, rule->pair->origin),
	    (int)result.len, result.ptr);
}

/* What [redirect] says of the path; true when that is the answer. */
static bool
explain_locate_redirect(const struct explain *explain)
{
	const struct reply *reply = explain->reply;
	struct span text, path = { explain->path, explain->path_len };
	const struct pathrule *rule =
	    pathset_find(explain->serve->site->conf->redirects, path, &text);

	if (rule == NULL)
		return false;
	explain_locate_rule(explain, "redirect", rule,
	    reply->response.location.len > 0 ? reply->response.location
	    : rule->status == 410            ? SPAN("it is gone")
				  : SPAN("the Location is too long"));
	return true;
}

/* What [rewrite] makes of the path; false when that is no path to look up. */
static bool
explain_locate_rewrite(struct explain *explain)
{
	const struct site *site = explain->serve->site;
	struct span text, path = { explain->path, explain->path_len };
	const struct pathrule *rule =
	    pathset_find(site->conf->rewrites, path, &text);
	struct span looked;

	if (rule == NULL)
		return true;
	looked = rewrite_path(site, path, explain->serve->find.rewritten);
	explain_locate_rule(explain, "rewrite", rule,
	    looked.len == 0 ? SPAN("too long") : looked);
	if (looked.len == 0)
		return false;
	memcpy(explain->path, looked.ptr, looked.len + 1);
	explain->path_len = looked.len;
	if (!site_path_hidden(looked))
		return true;
	explain_say(explain->out, "dotfiles",
	    "hidden: a name begins with a dot; as if it were not there");
	return false;
}

/* A folder without its slash: it gets one, or is served as it is. */
static enum locate_outcome
explain_locate_folder(const struct explain *explain, struct locate *search)
{
	/* Redirected, or kept from knowing that there is a folder. */
	if (explain->reply->response.location.len > 0 ||
	    explain->reply->response.status == 403)
		return LOCATE_FOLDER;
	explain_say(explain->out, "folder",
	    "served as it is, since a rule would lead on from its slash");
	if (search->len + 1 == RESOURCE_PATH_BYTES)
		return LOCATE_NOTHING;
	search->path[search->len++] = '/';
	return explain_locate_index(explain, search);
}

static void
explain_locate_search(
    struct explain *explain, uint64_t matched, bool is_rewritten)
{
	struct locate search = {
		.cache = &explain->serve->cache,
		.clock = explain->clock,
		.site = explain->serve->site,
		.tries = locate_tries(explain->serve->site, matched),
		.path = explain->path,
		.other = explain->serve->find.other,
		.len = explain->path_len,
		.uri_error = -1,
	};
	const struct span path = { search.path, search.len };
	enum locate_outcome outcome = LOCATE_NOTHING;

	for (unsigned i = 0;
	     i < search.tries->nitems && outcome == LOCATE_NOTHING; i++)
		outcome = explain_locate_try(explain, &search, i);
	if (!is_rewritten &&
	    explain_locate_canonical(explain, &search, outcome)) {
		explain_locate_end(explain, &search, outcome);
		return;
	}
	if (outcome == LOCATE_FOLDER)
		outcome = explain_locate_folder(explain, &search);
	if (outcome == LOCATE_NOTHING && locate_asks_folder(path)) {
		explain_file_listing(explain, path);
		if (explain->serve->find.lists)
			return;
	}
	if (outcome == LOCATE_NOTHING)
		explain_locate_fallback(explain, &search, matched);
	explain_locate_end(explain, &search, outcome);
}

void
explain_locate_steps(struct explain *explain)
{
	const struct rules *rules = &explain->serve->site->rules;
	uint64_t matched = rules_match(
	    rules, (struct span){ explain->path, explain->path_len });
	size_t len = explain->path_len;
	bool is_rewritten;

	if (explain_locate_redirect(explain) ||
	    !explain_locate_rewrite(explain))
		return;
	is_rewritten = len != explain->path_len ||
		       memcmp(explain->path, explain->serve->path, len) != 0;
	if (is_rewritten)
		matched |= rules_match(
		    rules, (struct span){ explain->path, explain->path_len });
	explain_locate_search(explain, matched, is_rewritten);
}
