/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/dirwatch.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/hash.h"
#include "os/beneath.h"
#include "os/watch.h"

/* Places looked at for a directory, from the one its hash names. */
#define DIRWATCH_PROBES 8

int
dirwatch_init(struct dirwatch *watch, unsigned ndirs)
{
	*watch = (struct dirwatch){ .fd = -1, .ndirs = ndirs };
	if (ndirs == 0)
		return 0;
	watch->hash_key = hash_draw_key();
	watch->dirs = calloc(ndirs, sizeof(*watch->dirs));
	if (watch->dirs == NULL)
		return -1;
	for (unsigned i = 0; i < ndirs; i++)
		watch->dirs[i].number = -1;
	watch->fd = watch_open();
	return 0;
}

/* The directory's place, or a free one for it, or NULL. */
static struct dirwatch_dir *
dirwatch_find(struct dirwatch *watch, const struct site *site, struct span path,
    uint32_t hash)
{
	for (uint32_t i = 0; i < DIRWATCH_PROBES && i < watch->ndirs; i++) {
		struct dirwatch_dir *dir =
		    &watch->dirs[(hash + i) % watch->ndirs];
		struct span its = { dir->path, dir->path_len };

		if (dir->number == -1)
			return dir;
		if (dir->hash == hash && dir->site == site &&
		    span_equal(its, path))
			return dir;
	}
	return NULL;
}

/* Fills a free place; false when the directory cannot be watched. */
static bool
dirwatch_add(struct dirwatch *watch, struct dirwatch_dir *dir,
    const struct site *site, struct span path, uint32_t hash)
{
	struct stat st;
	int fd, number = -1;

	memcpy(dir->path, path.ptr, path.len);
	dir->path[path.len] = '\0';
	/*
	 * Behind a link are changes that no watch of this path would see; the
	 * slash at its end lets only a folder be opened.
	 */
	fd = watch->hurries ? beneath_open_now(site->root_fd, dir->path + 1,
				  BENEATH_DENY, &st)
			    : beneath_open(site->root_fd, dir->path + 1,
				  BENEATH_DENY, &st);
	if (fd == -1)
		return false;
	if (watch_sees_all(fd))
		number = watch_add(watch->fd, fd);
	(void)close(fd);
	if (number == -1)
		return false;
	dir->site = site;
	dir->hash = hash;
	dir->path_len = (uint16_t)path.len;
	dir->number = number;
	dir->events++;
	return true;
}

/* The place of one directory, watched from now on; NULL: it cannot be. */
static const struct dirwatch_dir *
dirwatch_get(struct dirwatch *watch, const struct site *site, struct span path)
{
	uint32_t hash = hash_bytes(watch->hash_key, path.ptr, path.len);
	struct dirwatch_dir *dir = dirwatch_find(watch, site, path, hash);

	if (dir == NULL)
		return NULL;
	if (dir->number == -1 && !dirwatch_add(watch, dir, site, path, hash))
		return NULL;
	return dir;
}

struct dirwatch_stamp
dirwatch_stamp(
    struct dirwatch *watch, const struct site *site, struct span path)
{
	const struct dirwatch_stamp none = { 0 };
	const struct dirwatch_dir *dir = NULL;

	if (watch->fd == -1)
		return none;
	for (size_t i = 0; i < path.len; i++) {
		if (path.ptr[i] != '/')
			continue;
		if (i + 1 >= DIRWATCH_PATH_BYTES)
			return none;
		dir =
		    dirwatch_get(watch, site, (struct span){ path.ptr, i + 1 });
		if (dir == NULL)
			return none;
	}
	return (struct dirwatch_stamp){ dir, dir == NULL ? 0 : dir->events,
		watch->moves };
}

void
dirwatch_read(struct dirwatch *watch)
{
	struct watch_events events = { .len = 0 };
	struct watch_event event;

	while (watch_next(watch->fd, &events, &event)) {
		if (event.number == -1 || event.is_dir || event.is_gone)
			watch->moves++;
		/* Two sites may share a directory, and so its number. */
		for (unsigned i = 0; i < watch->ndirs; i++) {
			struct dirwatch_dir *dir = &watch->dirs[i];

			if (dir->number != event.number || event.number == -1)
				continue;
			dir->events++;
			if (event.is_gone)
				dir->number = -1;
		}
	}
}

void
dirwatch_fini(struct dirwatch *watch)
{
	if (watch->fd != -1)
		(void)close(watch->fd);
	free(watch->dirs);
	*watch = (struct dirwatch){ .fd = -1 };
}
