/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a path stands for: a file and its precompressed sidecars, or the error
 * that opening it gives.
 */
#ifndef SERVE_RESOURCE_H
#define SERVE_RESOURCE_H

#include "http/accept.h"
#include "http/mime.h"
#include "serve/file.h"
#include "serve/site.h"

/* Longest decoded path, its NUL included; a longer one is 414. */
#define RESOURCE_PATH_BYTES 8192

struct resource {
	int error;  /* errno: EISDIR, ENXIO (no regular file), ... or 0 */
	bool plain; /* its directory's events tell of all that changes it */
	unsigned available;               /* bit 1u << coding for each file */
	struct file *files[CODING_COUNT]; /* NULL where there is none */
};

/*
 * Opens what path, decoded and beginning with '/', stands for below the site's
 * root, at the time now in seconds.  The caller closes it.
 */
void resource_open(struct resource *resource, struct files *files,
    const struct mime_map *mime, const struct site *site, struct span path,
    int64_t now);

/* False when one of the files is not what it was when it was opened. */
bool resource_is_unchanged(const struct resource *resource);

/* True when closing it would give a descriptor back. */
bool resource_holds_descriptor(const struct resource *resource);

/* Puts the files; *resource is empty then. */
void resource_close(struct resource *resource, struct files *files);

#endif
