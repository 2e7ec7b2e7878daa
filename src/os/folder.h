/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The names in a folder, a few at a time and without the heap, which
 * readdir(3) takes its buffer from.
 */
#ifndef OS_FOLDER_H
#define OS_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct folder {
	int fd;    /* ours; -1: closed */
	char *buf; /* borrowed */
	size_t cap;
	size_t len; /* bytes of buf that the kernel filled */
	size_t pos; /* of the next name in it */
};

/* What is behind a name; a link is not followed. */
struct folder_stat {
	uint32_t mode; /* as st_mode */
	uint64_t size;
	int64_t mtime_ns;
};

/*
 * Takes fd, an open folder, from its beginning on.  buf, aligned for any type
 * and with room for several names, is borrowed until folder_close().
 */
void folder_init(struct folder *folder, int fd, void *buf, size_t cap);

/*
 * The next name, lent until the next call; "." and ".." are passed over.
 * Returns 1, 0 at the end, or -1 with errno.
 */
int folder_next(struct folder *folder, const char **name);

/* True when the next name is there already: nothing is read for it. */
static inline bool
folder_has_next(const struct folder *folder)
{
	return folder->pos < folder->len;
}

/* Says what is behind a name in the folder.  0, or -1 with errno. */
int folder_stat(
    const struct folder *folder, const char *name, struct folder_stat *st);

/* True when we may read the file, or enter the folder, behind a name. */
bool folder_may_open(const struct folder *folder, const char *name,
    const struct folder_stat *st);

/* Closes it, which is allowed twice. */
void folder_close(struct folder *folder);

#endif
