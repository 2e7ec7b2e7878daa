/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The files that a configuration was read from, good or bad, and whether they
 * are still what they were.
 *
 * They are looked at by name, through all links: an editor that renames and a
 * link that was switched are seen like a file that was written.
 */
#ifndef CONF_SOURCES_H
#define CONF_SOURCES_H

#include <stdint.h>
#include <sys/stat.h>

#include "conf/store.h"

/* What there is to see of a file without reading it. */
struct source_stamp {
	int error; /* errno of stat(2); 0: the file is there */
	dev_t dev;
	ino_t ino;
	mode_t mode;
	uid_t uid;
	gid_t gid;
	off_t size;
	struct timespec mtim;
};

struct source_file {
	const char *path;
	struct source_stamp read; /* as it was when it was read */
	struct source_stamp last; /* and when it was last looked at */
};

/* A pattern of an include, and which files it had. */
struct source_pattern {
	const char *path;
	uint32_t read;
	uint32_t last;
};

struct sources {
	struct store store;
	struct source_file *files;
	unsigned nfiles;
	struct source_pattern *patterns;
	unsigned npatterns;
};

/*
 * Adds a file that was opened, as *st says, or could not be: st NULL.  When
 * there is no memory the store remembers it.
 */
void sources_add_file(
    struct sources *sources, const char *path, const struct stat *st);

/* Adds a pattern, for glob(3). */
void sources_add_pattern(struct sources *sources, const char *pattern);

enum sources_state {
	SOURCES_SAME,     /* all is as it was read */
	SOURCES_CHANGING, /* something is not, nor as the last time we looked */
	SOURCES_CHANGED,  /* something is not, but nothing changed since then */
};

/*
 * Looks at all of them.  *path is then the first that is not what it was read
 * as, lent; NULL when there is none.
 */
enum sources_state sources_look(struct sources *sources, const char **path);

/* Forgets all. */
void sources_fini(struct sources *sources);

#endif
