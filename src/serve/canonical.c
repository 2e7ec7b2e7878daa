/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/canonical.h"

#include "serve/rewrite.h"

/* True when path is more than its end. */
static bool
canonical_has_end(struct span path, struct span end)
{
	return path.len > end.len && span_ends_with(path, end);
}

/* The length of the path without the name of an index file; 0: it has none. */
static size_t
canonical_folder_len(const struct conf_list *index, struct span found)
{
	for (unsigned i = 0; i < index->nitems; i++) {
		struct span name = span_of(index->items[i]);

		if (canonical_has_end(found, name) &&
		    found.ptr[found.len - name.len - 1] == '/')
			return found.len - name.len;
	}
	return 0;
}

/* The length of the path without the longest ending of a try; 0: likewise. */
static size_t
canonical_stem_len(const struct conf_list *tries, struct span found)
{
	size_t longest = 0;

	for (unsigned i = 0; i < tries->nitems; i++) {
		struct span end = span_of(tries->items[i] + strlen(CONF_URI));

		if (end.len > longest && *end.ptr != '/' &&
		    canonical_has_end(found, end) &&
		    found.ptr[found.len - end.len - 1] != '/')
			longest = end.len;
	}
	return longest == 0 ? 0 : found.len - longest;
}

/*
 * How much of the path of what was found is in the path that it should have;
 * *slash tells whether a slash follows.
 */
static size_t
canonical_len(const struct locate *search, bool *slash)
{
	size_t len =
	    canonical_folder_len(&search->site->conf->index, search->found);

	*slash = false;
	if (len > 0)
		return len;
	len = canonical_stem_len(search->tries, search->found);
	if (len == 0)
		return search->found.len;
	*slash = search->site->conf->canonical == CONF_CANONICAL_SLASH;
	return len;
}

/* Writes the path that what was found should have. */
static struct span
canonical_compose(struct canonical *canonical, const struct locate *search)
{
	bool slash;
	size_t len = canonical_len(search, &slash);

	memcpy(canonical->path, search->found.ptr, len);
	if (slash)
		canonical->path[len++] = '/';
	canonical->path[len] = '\0';
	return (struct span){ canonical->path, len };
}

/* True when two searches found the same file and want the same path for it. */
static bool
canonical_agree(const struct locate *a, const struct locate *b)
{
	bool slash_a, slash_b;

	return span_equal(a->found, b->found) &&
	       canonical_len(a, &slash_a) == canonical_len(b, &slash_b) &&
	       slash_a == slash_b;
}

/* True when no rule leads on from the path that is in canonical->path. */
static bool
canonical_is_free(
    struct canonical *canonical, const struct locate *search, struct span path)
{
	return rewrite_leads_to(search->site, path, path, canonical->other);
}

/* Begins a search for the path that is in canonical->path. */
static struct locate
canonical_search(
    struct canonical *canonical, const struct locate *search, struct span path)
{
	struct locate probe = *search;

	probe.path = canonical->path;
	probe.other = canonical->other;
	probe.len = path.len;
	probe.uri_error = -1;
	probe.tries =
	    locate_tries(probe.site, rules_match(&probe.site->rules, path));
	return probe;
}

bool
canonical_differs(
    struct canonical *canonical, struct locate *search, struct span *path)
{
	struct span asked = { search->path, search->len };
	struct locate probe;

	*path = canonical_compose(canonical, search);
	if (span_equal(*path, asked))
		return false;
	if (canonical_is_free(canonical, search, *path)) {
		probe = canonical_search(canonical, search, *path);
		if (locate_find(&probe) == LOCATE_FILE &&
		    canonical_agree(&probe, search))
			return true;
	}
	search->resource = filecache_get(
	    search->cache, search->site, search->found, search->clock);
	return false;
}

bool
canonical_lacks_slash(
    struct canonical *canonical, struct locate *search, struct span *path)
{
	struct span asked = { search->path, search->len };
	struct locate probe;

	if (!locate_asks_folder(asked) || asked.len == 1)
		return false;
	*path = (struct span){ canonical->path, asked.len - 1 };
	memcpy(canonical->path, asked.ptr, path->len);
	canonical->path[path->len] = '\0';
	if (!canonical_is_free(canonical, search, *path))
		return false;
	probe = canonical_search(canonical, search, *path);
	if (locate_find(&probe) != LOCATE_FILE)
		return false;
	search->found = probe.found;
	return true;
}
