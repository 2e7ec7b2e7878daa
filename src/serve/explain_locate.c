/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/explain_locate.h"

#include <errno.h>

#include "serve/explain_file.h"
#include "serve/fallback.h"

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
	struct canonical *canonical = &explain->serve->canonical;
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
	if (!fallback_may_be_page((struct span){ search->path, search->len }))
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
	uint64_t sections = matched & site->with_fallback;
	struct span path = fallback_path(site, matched);
	char place[REPORT_PLACE];
	const char *origin = explain_origin(explain,
	    sections == 0 ? (const void *)site->conf
			  : site_last_match(site, sections),
	    "fallback", place);

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

void
explain_locate_steps(struct explain *explain)
{
	const struct site *site = explain->serve->site;
	uint64_t matched = rules_match(
	    &site->rules, (struct span){ explain->path, explain->path_len });
	struct locate search = {
		.cache = &explain->serve->cache,
		.clock = explain->clock,
		.site = site,
		.tries = locate_tries(site, matched),
		.path = explain->path,
		.other = explain->serve->other,
		.len = explain->path_len,
		.uri_error = -1,
	};
	enum locate_outcome outcome = LOCATE_NOTHING;

	for (unsigned i = 0;
	     i < search.tries->nitems && outcome == LOCATE_NOTHING; i++)
		outcome = explain_locate_try(explain, &search, i);
	if (!explain_locate_canonical(explain, &search, outcome) &&
	    outcome == LOCATE_NOTHING)
		explain_locate_fallback(explain, &search, matched);
	explain_locate_end(explain, &search, outcome);
}
