/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/locate.h"

#include <errno.h>

#include "serve/reply.h"

static const char *
locate_suffix(const char *word)
{
	return word + sizeof(CONF_URI) - 1;
}

bool
locate_is_folder_word(const char *word)
{
	return strcmp(locate_suffix(word), "/") == 0;
}

enum locate_outcome
locate_outcome(int error)
{
	if (error == 0)
		return LOCATE_FILE;
	return reply_error_status(error) == 404 ? LOCATE_NOTHING
						: LOCATE_TROUBLE;
}

int
locate_look(struct locate *search, struct span path)
{
	search->found = path;
	search->resource =
	    filecache_get(search->cache, search->site, path, search->clock);
	return search->resource->error;
}

/* Puts text behind the first len bytes of the path, which are in out. */
static bool
locate_append(char *out, size_t len, struct span text, struct span *name)
{
	if (len + text.len >= RESOURCE_PATH_BYTES)
		return false;
	memcpy(out + len, text.ptr, text.len);
	out[len + text.len] = '\0';
	*name = (struct span){ out, len + text.len };
	return true;
}

/* The same without the slash at the end of the path. */
static bool
locate_append_to_stem(
    const struct locate *search, struct span text, struct span *name)
{
	size_t len = search->len - 1;

	/* Of the root nothing is left that could have an ending. */
	if (search->site->conf->canonical != CONF_CANONICAL_SLASH || len == 0)
		return false;
	memcpy(search->other, search->path, len);
	return locate_append(search->other, len, text, name) &&
	       !site_path_hidden(*name);
}

bool
locate_compose(const struct locate *search, const char *word, struct span *name)
{
	struct span path = { search->path, search->len };
	struct span suffix = span_of(locate_suffix(word));

	if (!locate_asks_folder(path))
		return locate_append(search->path, path.len, suffix, name);
	if (suffix.len == 0)
		return false;
	if (*suffix.ptr == '/')
		return locate_append(search->path, path.len - 1, suffix, name);
	return locate_append_to_stem(search, suffix, name);
}

enum locate_outcome
locate_find_index(struct locate *search)
{
	const struct conf_list *index = &search->site->conf->index;
	int error = ENOENT;

	for (unsigned i = 0; i < index->nitems; i++) {
		struct span name;

		if (!locate_append(search->path, search->len,
			span_of(index->items[i]), &name))
			continue;
		error = locate_look(search, name);
		if (error != ENOENT && error != EISDIR)
			break;
	}
	return locate_outcome(error);
}

/* The same as locate_look() for the path itself, which is looked at once. */
static int
locate_look_at_path(struct locate *search)
{
	if (search->uri_error == -1) {
		search->path[search->len] = '\0';
		search->uri_error = locate_look(
		    search, (struct span){ search->path, search->len });
	}
	return search->uri_error;
}

/* What "$uri/" stands for. */
static enum locate_outcome
locate_find_folder(struct locate *search)
{
	if (locate_asks_folder((struct span){ search->path, search->len }))
		return locate_find_index(search);
	return locate_look_at_path(search) == EISDIR ? LOCATE_FOLDER
						     : LOCATE_NOTHING;
}

enum locate_outcome
locate_try(struct locate *search, const char *word)
{
	const char *suffix = locate_suffix(word);
	struct span name;

	/* The two words of the list that most sites have. */
	if (suffix[0] == '/' && suffix[1] == '\0')
		return locate_find_folder(search);
	if (suffix[0] == '\0')
		return locate_asks_folder(
			   (struct span){ search->path, search->len })
			   ? LOCATE_NOTHING
			   : locate_outcome(locate_look_at_path(search));
	return locate_compose(search, word, &name)
		   ? locate_outcome(locate_look(search, name))
		   : LOCATE_NOTHING;
}

enum locate_outcome
locate_find(struct locate *search)
{
	for (unsigned i = 0; i < search->tries->nitems; i++) {
		enum locate_outcome outcome =
		    locate_try(search, search->tries->items[i]);

		if (outcome != LOCATE_NOTHING)
			return outcome;
	}
	search->path[search->len] = '\0';
	return LOCATE_NOTHING;
}
