/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The files below a folder that a server would show: what the commands work on.
 *
 * Regular files, without those whose names begin with a dot; names that no
 * request can contain are left out too.  Symbolic links are not followed, but
 * for the path of the folder itself.
 */
#ifndef TOOLS_TREE_H
#define TOOLS_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "conf/store.h"
#include "http/coding.h"
#include "tools/problem.h"

struct tree_file {
	struct span path; /* from the root, without a slash; has a NUL */
	uint64_t size;
	uint64_t mtime_ns;
};

struct tree {
	int root_fd;
	struct tree_file *files; /* sorted by the bytes of their paths */
	unsigned nfiles;
	unsigned nleft; /* unfinished files of a command that was killed */
	struct store store;
};

/*
 * Opens the folder and lists it.  What cannot be looked at is a problem, and
 * the others are listed.  0, or -1 after a message; tree_close() after either.
 */
int tree_open(struct tree *tree, const char *folder, struct problems *problems);

void tree_close(struct tree *tree);

/* The file of that path; NULL when there is none. */
const struct tree_file *tree_find(const struct tree *tree, struct span path);

/* Room for a path and what may be added to it, with a NUL. */
#define TREE_PATH_BYTES 8200

/* The same of a file with the ending of a coding behind its path. */
const struct tree_file *tree_find_sidecar(
    const struct tree *tree, struct span path, enum coding coding);

/* The coding that a path has the ending of, or identity for none. */
enum coding tree_coding(struct span path);

/* Opens the folder of a path below root_fd, for reading.  -1 with errno. */
int tree_open_folder(int root_fd, struct span path);

/* The last name of a path; it has a NUL if the path has one. */
const char *tree_name(struct span path);

/* A time of change as one number. */
uint64_t tree_mtime_ns(const struct stat *st);

/* False when such a time says nothing: builds set all of them to 0 or 1. */
bool tree_mtime_is_real(uint64_t mtime_ns);

#endif
