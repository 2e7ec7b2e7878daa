/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a decoded path to the file that it stands for.
 *
 * The words of a try list are looked for in their order, "$uri" being the
 * path.  One that ends in a slash asks for a folder: then "$uri/" is one of the
 * index files, and a word without a slash behind "$uri" counts only where
 * site.canonical says that pages end in a slash.
 */
#ifndef SERVE_LOCATE_H
#define SERVE_LOCATE_H

#include "core/clock.h"
#include "serve/filecache.h"

enum locate_outcome {
	LOCATE_FILE,    /* resource is what was found, at the path found */
	LOCATE_FOLDER,  /* a folder, whose slash was not asked for */
	LOCATE_NOTHING, /* all that was tried is not there, or not shown */
	LOCATE_TROUBLE, /* resource->error says what keeps us from looking */
};

/* A search: for what and where, and what came of it.  All borrowed. */
struct locate {
	struct filecache *cache;
	const struct clock *clock;
	const struct site *site;
	uint64_t matched; /* the sections for its paths; see rules.h */
	const struct conf_list *tries; /* that count for the path */
	/* Both with room for RESOURCE_PATH_BYTES. */
	char *path;  /* len bytes, which stay; what is tried grows behind */
	char *other; /* for what is tried and is no longer path */
	size_t len;
	/* Of the search. */
	const struct resource *resource; /* lent until the next look */
	struct span found;               /* the path that was looked at last */
	int uri_error;                   /* of path itself; -1: not known yet */
};

/* True when a path ends in a slash. */
static inline bool
locate_asks_folder(struct span path)
{
	return path.ptr[path.len - 1] == '/';
}

/* True when a file at the path itself ends the search, whatever follows. */
static inline bool
locate_is_plain(const struct site *site, uint64_t matched, struct span path)
{
	return site->is_plain && (matched & site->with_tries) == 0 &&
	       !locate_asks_folder(path);
}

/* True when such a path at which nothing is leads to nothing else either. */
static inline bool
locate_is_final(const struct site *site, uint64_t matched)
{
	return site->is_final && (matched & site->with_fallback) == 0;
}

/* The try list for a path that the sections of matched are for. */
static inline const struct conf_list *
locate_tries(const struct site *site, uint64_t matched)
{
	const struct conf_match *match =
	    rules_last(site->conf->matches, matched & site->with_tries);

	return match == NULL ? &site->conf->tries : &match->tries;
}

/*
 * Looks for search->path; uri_error must be -1, or the error that opening the
 * path itself gave, which resource then is.
 */
enum locate_outcome locate_find(struct locate *search);

/* The same for the index files of the folder at path alone. */
enum locate_outcome locate_find_index(struct locate *search);

/* The same for what one word of the list stands for. */
enum locate_outcome locate_try(struct locate *search, const char *word);

/* Looks for one path; 0, or the errno that says why it is no file. */
int locate_look(struct locate *search, struct span path);

/* What such an errno, or 0, means for a search: FILE, NOTHING or TROUBLE. */
enum locate_outcome locate_outcome(int error);

/*
 * Puts together what a word of the list stands for, not "$uri/", which is no
 * single file.  False when it says nothing of this path.
 */
bool locate_compose(
    const struct locate *search, const char *word, struct span *name);

/* True for the word that stands for a folder, and not for a file in it. */
bool locate_is_folder_word(const char *word);

#endif
