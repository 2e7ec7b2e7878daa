/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a path stands for: a file and its precompressed sidecars, or the error
 * that opening it gives.
 */
#ifndef SERVE_RESOURCE_H
#define SERVE_RESOURCE_H

#include "http/accept.h"
#include "http/mime.h"
#include "os/storage.h"
#include "serve/file.h"
#include "serve/site.h"

/* Longest decoded path, its NUL included; a longer one is 414. */
#define RESOURCE_PATH_BYTES 8192

struct resource {
	int error;   /* errno: EISDIR, ENXIO (no regular file), ... or 0 */
	bool plain;  /* its directory's events tell of all that changes it */
	bool remote; /* a file of it is: it is not to be kept */
	unsigned available;               /* bit 1u << coding for each file */
	struct file *files[CODING_COUNT]; /* NULL where there is none */
};

/* How a resource is looked for. */
struct resource_how {
	bool now; /* EAGAIN for what may wait for a disk */
	/* Files of this size or less are to be in memory; 0: none has to. */
	size_t small_bytes;
};

/* What was opened and is no resource yet. */
struct resource_found {
	int error;
	bool plain;
	struct {
		int fd; /* -1: there is none */
		struct stat st;
		enum storage storage;
	} files[CODING_COUNT];
};

/*
 * Opens the files of path, which has a NUL behind it: resource_make() takes
 * them, or else resource_drop().  Needs nothing but the site, and no heap: any
 * thread may do it.
 */
void resource_find(struct resource_found *found, const struct site *site,
    struct span path, const struct resource_how *how);

/*
 * Whose threads are at work when path is looked for: a mount that hangs is
 * often a folder in the root, and others need not wait for it.
 */
uint64_t resource_group(const struct site *site, struct span path);

/* Closes what was found. */
void resource_drop(struct resource_found *found);

/* Makes a resource of what was found for path at the time now in seconds. */
void resource_make(struct resource *resource, struct files *files,
    const struct mime_map *mime, const struct site *site, struct span path,
    int64_t now, struct resource_found *found);

/*
 * Opens what path, decoded and beginning with '/', stands for below the site's
 * root, at the time now in seconds: both of the above.  The caller closes it.
 */
void resource_open(struct resource *resource, struct files *files,
    const struct mime_map *mime, const struct site *site, struct span path,
    int64_t now);

/* Makes *resource what other is too: both hold its files. */
void resource_share(struct resource *resource, const struct resource *other);

/* False when one of the files is not what it was when it was opened. */
bool resource_is_unchanged(const struct resource *resource);

/* True when closing it would give a descriptor back. */
bool resource_holds_descriptor(const struct resource *resource);

/* Puts the files; *resource is empty then. */
void resource_close(struct resource *resource, struct files *files);

#endif
