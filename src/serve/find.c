/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/find.h"

#include <errno.h>

#include "serve/rewrite.h"

/* What a request asked for, and where its answer is made. */
struct find_ask {
	const struct admit *admit;
	struct span path; /* as it was decoded */
	uint64_t matched; /* the sections for that, which a redirect has */
	struct reply *reply;
};

/* False after an answer, when the sections in matched deny path. */
static bool
find_admit(const struct find_ask *ask, struct locate *search, struct span path,
    uint64_t matched)
{
	if (admit_client(ask->admit, matched, ask->reply))
		return true;
	search->found = path;
	return false;
}

/*
 * The sections for a path other than the one that was asked for count too.
 * False after an answer, when they keep the client from it.
 */
static bool
find_may_have(
    const struct find_ask *ask, struct locate *search, struct span path)
{
	uint64_t matched;

	if (search->site->conf->nmatches == 0 || span_equal(path, ask->path))
		return true;
	matched = rules_match(&search->site->rules, path);
	search->matched |= matched;
	return find_admit(ask, search, path, matched);
}

/*
 * The same for a path that is only named.  Its sections add nothing but that
 * not everybody may know it, which caches have to be told.
 */
static bool
find_may_know(
    const struct find_ask *ask, struct locate *search, struct span path)
{
	const struct rules *rules = &search->site->rules;
	uint64_t matched;

	if (search->site->conf->nmatches == 0)
		return true;
	matched = rules_match(rules, path);
	search->matched |= matched & rules->guards;
	return find_admit(ask, search, path, matched);
}

/*
 * Redirects to what may be known.  The fields are those of the path that was
 * asked for; what else was looked at adds only that it is guarded.
 */
static void
find_redirect(struct find *find, const struct find_ask *ask,
    struct locate *search, struct span path, bool slash)
{
	search->matched =
	    ask->matched | (search->matched & search->site->rules.guards);
	redirect_to_path(&find->redirect, path, slash,
	    ask->admit->asked.request->query, ask->reply);
}

/* Looks for the file for where nothing is; that it decides shows in fields. */
static enum locate_outcome
find_fallback(
    struct find *find, const struct find_ask *ask, struct locate *search)
{
	struct span path = fallback_path(search->site, search->matched);
	int error;

	if (path.len == 0 || !fallback_may_be_page(ask->path))
		return LOCATE_NOTHING;
	find->fallback = FALLBACK_REFUSED;
	if (!fallback_is_navigation(ask->admit->asked.request))
		return LOCATE_NOTHING;
	error = locate_look(search, path);
	if (error == 0)
		find->fallback = FALLBACK_SERVED;
	return locate_outcome(error);
}

/*
 * Redirects to the one path of a page, or refuses that; false when it was asked
 * for.
 */
static bool
find_canonical(struct find *find, const struct find_ask *ask,
    struct locate *search, enum locate_outcome outcome)
{
	struct span path;
	bool differs = false;

	if (outcome == LOCATE_FILE)
		differs = canonical_differs(&find->canonical, search, &path);
	if (outcome == LOCATE_NOTHING)
		differs =
		    canonical_lacks_slash(&find->canonical, search, &path);
	/* That there is such a page, and its file, is what some may not know.
	 */
	if (differs && find_may_know(ask, search, search->found) &&
	    find_may_know(ask, search, path))
		find_redirect(find, ask, search, path, false);
	return differs;
}

/*
 * Sees to it that a page has the one path that it should have; false after an
 * answer.  For that it is looked up again, and may have gone meanwhile.
 */
static bool
find_keep_path(struct find *find, const struct find_ask *ask,
    struct locate *search, enum locate_outcome *outcome)
{
	/* What is looked up in place of another path has none of its own. */
	if (search->site->conf->canonical == CONF_CANONICAL_OFF ||
	    search->path == find->rewritten)
		return true;
	if (*outcome == LOCATE_FILE &&
	    !find_may_have(ask, search, search->found))
		return false;
	if (find_canonical(find, ask, search, *outcome))
		return false;
	if (*outcome == LOCATE_FILE)
		*outcome = locate_outcome(search->resource->error);
	return true;
}

/*
 * A folder whose slash was not asked for is redirected to it.  Where a rule
 * would lead on from there, it is served as it is.
 */
static enum locate_outcome
find_folder(
    struct find *find, const struct find_ask *ask, struct locate *search)
{
	struct canonical *scratch = &find->canonical;
	struct span path = ask->path;

	if (search->len + 1 == RESOURCE_PATH_BYTES ||
	    path.len + 1 == RESOURCE_PATH_BYTES)
		return LOCATE_NOTHING;
	memcpy(scratch->path, path.ptr, path.len);
	scratch->path[path.len] = '/';
	search->path[search->len++] = '/';
	search->path[search->len] = '\0';
	/* That there is a folder is what some may not know. */
	if (!find_may_know(
		ask, search, (struct span){ search->path, search->len }))
		return LOCATE_FOLDER;
	if (!rewrite_leads_to(search->site,
		(struct span){ scratch->path, path.len + 1 },
		(struct span){ search->path, search->len }, scratch->other))
		return locate_find_index(search);
	/* Where it was rewritten, that is another path than was looked up. */
	if (find_may_know(
		ask, search, (struct span){ scratch->path, path.len + 1 }))
		find_redirect(find, ask, search, path, true);
	return LOCATE_FOLDER;
}

/* True for a folder that is to be listed. */
static bool
find_lists(struct locate *search, struct span path)
{
	int error;

	if (!locate_asks_folder(path) ||
	    !site_lists(search->site, search->matched))
		return false;
	/* Whoever lists it says why not, where nothing else is to be had. */
	if (fallback_path(search->site, search->matched).len == 0)
		return true;
	error = locate_look(search, path);
	return error == EISDIR || locate_outcome(error) != LOCATE_NOTHING;
}

static const struct resource *
find_file(struct find *find, const struct find_ask *ask, struct locate *search)
{
	enum locate_outcome outcome = locate_find(search);
	const struct span path = { search->path, search->len };

	if (!find_keep_path(find, ask, search, &outcome))
		return NULL;
	if (outcome == LOCATE_FOLDER)
		outcome = find_folder(find, ask, search);
	if (outcome == LOCATE_NOTHING && find_lists(search, path)) {
		find->lists = true;
		search->found = path;
		return NULL;
	}
	if (outcome == LOCATE_NOTHING)
		outcome = find_fallback(find, ask, search);
	switch (outcome) {
	case LOCATE_FILE:
		return find_may_have(ask, search, search->found)
			   ? search->resource
			   : NULL;
	case LOCATE_FOLDER: break;
	case LOCATE_NOTHING: reply_set_status(ask->reply, 404); break;
	case LOCATE_TROUBLE:
		reply_set_error(ask->reply, search->resource->error);
		break;
	}
	return NULL;
}

/* Puts the path that is looked up into the search; false after an answer. */
static bool
find_path(struct find *find, const struct find_ask *ask, struct locate *search)
{
	struct span path =
	    rewrite_path(search->site, ask->path, find->rewritten);

	if (path.len == 0) {
		reply_set_status(ask->reply, 414);
		return false;
	}
	if (path.ptr != ask->path.ptr) {
		if (site_path_hidden(path)) {
			reply_set_status(ask->reply, 404);
			return false;
		}
		search->path = find->rewritten;
		search->len = path.len;
		if (!find_may_have(ask, search, path))
			return false;
	}
	search->found = path;
	search->tries = locate_tries(search->site, search->matched);
	search->other = find->other;
	return true;
}

const struct resource *
find_resource(struct find *find, const struct admit *admit,
    struct locate *search, struct reply *reply)
{
	const struct find_ask ask = {
		.admit = admit,
		.path = { search->path, search->len },
		.matched = search->matched,
		.reply = reply,
	};

	find->fallback = FALLBACK_UNASKED;
	find->lists = false;
	search->found = ask.path;
	if (redirect_by_rule(&find->redirect, search->site, ask.path,
		admit->asked.request->query, reply) ||
	    !find_path(find, &ask, search))
		return NULL;
	return find_file(find, &ask, search);
}
