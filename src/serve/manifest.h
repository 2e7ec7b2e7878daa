/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What `tined manifest` wrote about the files of a root: a hash of each.
 *
 * Text, so that anybody can read, compare and make it, and sorted, so that a
 * path is found by bisection in it as it stands:
 *
 *   tined-manifest 1 sha256 FILES
 *   HASH SIZE MTIME PATH
 *
 * FILES is how many lines follow, HASH has 64 hexadecimal digits, MTIME is in
 * nanoseconds, and PATH, from the root on, goes up to the end of the line.
 * Lines are in the order of the bytes of PATH, and none has a path twice.
 */
#ifndef SERVE_MANIFEST_H
#define SERVE_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>

#include "core/span.h"

#define MANIFEST_HEAD "tined-manifest 1 sha256 "

#define MANIFEST_HASH_DIGITS 64

/* SHA-256 in base64. */
#define MANIFEST_DIGEST_LEN 44

struct manifest_entry {
	const char *hash; /* MANIFEST_HASH_DIGITS; of the manifest */
	uint64_t size;
	uint64_t mtime_ns;
	struct span path; /* of the manifest, without a NUL */
};

/* Zeros are one without files. */
struct manifest {
	char *text;        /* ours, or NULL */
	struct span lines; /* all but the first */
	uint64_t nfiles;
};

/*
 * Makes one of text, which is borrowed, and checks every line.  0, or -1 with
 * errno EBADMSG; *line says where.
 */
int manifest_of_text(
    struct manifest *manifest, struct span text, unsigned *line);

/*
 * The same of the file name below root_fd, read into memory.  0, or -1 with
 * errno: EBADMSG when it is no manifest or damaged, then *line says where.
 * manifest_fini() after either.
 */
int manifest_load(
    struct manifest *manifest, int root_fd, const char *name, unsigned *line);

void manifest_fini(struct manifest *manifest);

/* Finds a path, from the root on and without a slash in front. */
bool manifest_find(const struct manifest *manifest, struct span path,
    struct manifest_entry *entry);

/*
 * Takes the next entry; *at begins as manifest->lines.  False when there is no
 * more.
 */
bool manifest_next(struct span *at, struct manifest_entry *entry);

/* Writes the hash of an entry in base64, without a NUL. */
void manifest_format_digest(
    const struct manifest_entry *entry, char out[MANIFEST_DIGEST_LEN]);

#endif
