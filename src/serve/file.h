/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An open regular file and what every answer from it needs.
 *
 * Everything is taken once, from the descriptor and not from the path: a file
 * that is replaced while it is sent finishes from the old inode.
 */
#ifndef SERVE_FILE_H
#define SERVE_FILE_H

#include <stdint.h>

#include "core/slab.h"
#include "http/cond.h"
#include "http/mime.h"
#include "serve/site.h"

struct file {
	unsigned refs;
	int fd;
	uint64_t size;
	struct span type; /* borrowed from the table of media types */
	struct validators validators; /* etag points into fields */
	/* Ready field lines: ETag, Last-Modified, Accept-Ranges. */
	struct span fields;
	/* The part of fields that a 304 carries (RFC 9110 15.4.5). */
	struct span fields_304;
	char text[160];
};

struct files {
	struct slab slab;
	const struct mime_map *mime; /* borrowed */
};

/* Makes an empty store that holds at most keep closed files for reuse. */
void files_init(struct files *files, const struct mime_map *mime, size_t keep);

/*
 * Opens path, decoded and beginning with '/', below the site's root.  now, in
 * seconds, tells an mtime that lies in the future, which is no validator.
 * Returns the file with one reference, or NULL with errno: EISDIR for a
 * directory, ENXIO for what is neither file nor directory, else as
 * beneath_open() says.
 */
struct file *file_open(struct files *files, const struct site *site,
    struct span path, int64_t now);

/* Gives one reference back and sets *filep to NULL; the last one closes. */
void file_put(struct files *files, struct file **filep);

/* Every file must be back by now. */
void files_fini(struct files *files);

#endif
