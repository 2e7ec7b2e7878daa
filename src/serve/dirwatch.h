/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The directories that cached files live in, and whether they have changed.
 *
 * What is cached carries a stamp of its directory.  An event makes the stamp
 * old, so the next request looks again; nothing is searched or freed when an
 * event comes.  A directory is watched with all those above it, up to the root:
 * a renamed parent changes what a path means too.
 */
#ifndef SERVE_DIRWATCH_H
#define SERVE_DIRWATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "core/span.h"
#include "serve/site.h"

/* Longest path of a directory that is watched. */
#define DIRWATCH_PATH_BYTES 160

struct dirwatch_dir {
	const struct site *site;
	uint32_t hash;
	uint32_t events; /* rises with every change in it */
	int number;      /* its name in events; -1: this place is free */
	uint16_t path_len;
	char path[DIRWATCH_PATH_BYTES]; /* "/a/b/", with both slashes */
};

struct dirwatch {
	int fd; /* readable when there are events; -1: there will be none */
	uint64_t hash_key;
	uint32_t moves; /* rises when a path may mean something else now */
	struct dirwatch_dir *dirs;
	unsigned ndirs;
	bool hurries; /* what may wait for a disk is not watched yet */
};

/* A state of a directory; zero: not watched, so never current. */
struct dirwatch_stamp {
	const struct dirwatch_dir *dir;
	uint32_t events;
	uint32_t moves;
};

/*
 * Makes room to watch ndirs directories.  Where the kernel gives no inotify
 * nothing is watched, which is no error.  Returns 0, or -1 with errno ENOMEM.
 */
int dirwatch_init(struct dirwatch *watch, unsigned ndirs);

/*
 * The stamp of the directory of path, which is then watched; the zero stamp
 * when that cannot be.  To be taken before the file is opened, so that no
 * change falls between.
 */
struct dirwatch_stamp dirwatch_stamp(
    struct dirwatch *watch, const struct site *site, struct span path);

static inline bool
dirwatch_is_same(const struct dirwatch_stamp *a, const struct dirwatch_stamp *b)
{
	return a->dir == b->dir && a->events == b->events &&
	       a->moves == b->moves;
}

static inline bool
dirwatch_is_current(
    const struct dirwatch *watch, const struct dirwatch_stamp *stamp)
{
	return stamp->dir != NULL && stamp->events == stamp->dir->events &&
	       stamp->moves == watch->moves;
}

/* Reads the events that have come. */
void dirwatch_read(struct dirwatch *watch);

void dirwatch_fini(struct dirwatch *watch);

#endif
