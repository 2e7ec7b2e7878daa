/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/sources.h"

#include <errno.h>
#include <glob.h>

#include "core/hash.h"

static struct source_stamp
source_stamp_of(const struct stat *st)
{
	return (struct source_stamp){
		.dev = st->st_dev,
		.ino = st->st_ino,
		.mode = st->st_mode,
		.uid = st->st_uid,
		.gid = st->st_gid,
		.size = st->st_size,
		.mtim = st->st_mtim,
	};
}

static struct source_stamp
source_stamp_at(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return (struct source_stamp){ .error = errno };
	return source_stamp_of(&st);
}

static bool
source_stamp_equal(const struct source_stamp *a, const struct source_stamp *b)
{
	return a->error == b->error && a->dev == b->dev && a->ino == b->ino &&
	       a->mode == b->mode && a->uid == b->uid && a->gid == b->gid &&
	       a->size == b->size && a->mtim.tv_sec == b->mtim.tv_sec &&
	       a->mtim.tv_nsec == b->mtim.tv_nsec;
}

/* The names that a pattern has, as a number. */
static uint32_t
source_hash_matches(const char *pattern)
{
	glob_t found = { 0 };
	uint32_t hash = 0;

	if (glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			hash = hash_bytes((uint64_t)hash + 1, found.gl_pathv[i],
			    strlen(found.gl_pathv[i]));
	globfree(&found);
	return hash;
}

void
sources_add_file(
    struct sources *sources, const char *path, const struct stat *st)
{
	struct source_file *files = store_grow(
	    &sources->store, sources->files, sources->nfiles, sizeof(*files));
	const char *copy = store_copy(&sources->store, span_of(path));
	struct source_stamp stamp =
	    st == NULL ? source_stamp_at(path) : source_stamp_of(st);

	if (files == NULL || copy == NULL)
		return;
	files[sources->nfiles++] =
	    (struct source_file){ .path = copy, .read = stamp, .last = stamp };
	sources->files = files;
}

void
sources_add_pattern(struct sources *sources, const char *pattern)
{
	struct source_pattern *patterns = store_grow(&sources->store,
	    sources->patterns, sources->npatterns, sizeof(*patterns));
	const char *copy = store_copy(&sources->store, span_of(pattern));
	uint32_t hash = source_hash_matches(pattern);

	if (patterns == NULL || copy == NULL)
		return;
	patterns[sources->npatterns++] =
	    (struct source_pattern){ .path = copy, .read = hash, .last = hash };
	sources->patterns = patterns;
}

enum sources_state
sources_look(struct sources *sources, const char **path)
{
	bool quiet = true;

	*path = NULL;
	for (unsigned i = 0; i < sources->nfiles; i++) {
		struct source_file *file = &sources->files[i];
		struct source_stamp now = source_stamp_at(file->path);

		if (*path == NULL && !source_stamp_equal(&now, &file->read))
			*path = file->path;
		quiet = quiet && source_stamp_equal(&now, &file->last);
		file->last = now;
	}
	for (unsigned i = 0; i < sources->npatterns; i++) {
		struct source_pattern *pattern = &sources->patterns[i];
		uint32_t now = source_hash_matches(pattern->path);

		if (*path == NULL && now != pattern->read)
			*path = pattern->path;
		quiet = quiet && now == pattern->last;
		pattern->last = now;
	}
	if (*path == NULL)
		return SOURCES_SAME;
	return quiet ? SOURCES_CHANGED : SOURCES_CHANGING;
}

void
sources_fini(struct sources *sources)
{
	store_fini(&sources->store);
	*sources = (struct sources){ 0 };
}
