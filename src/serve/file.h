/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One representation of a resource: an open file, or its bytes in memory, and
 * the ready text of every head that is answered from it.
 *
 * All is taken once, from the descriptor and not from the path: a file that
 * is replaced while it is sent finishes from the old inode.
 */
#ifndef SERVE_FILE_H
#define SERVE_FILE_H

#include <stdint.h>
#include <sys/stat.h>

#include "core/buddy.h"
#include "core/slab.h"
#include "http/coding.h"
#include "http/cond.h"
#include "http/mime.h"
#include "os/helpers.h"
#include "os/storage.h"
#include "serve/manifest.h"

/* The longest Content-Type comes from a configuration. */
#define FILE_TEXT_BYTES (MIME_TYPE_BYTES + 320)

struct file {
	unsigned refs;
	int fd;     /* -1: all of it is in body */
	char *body; /* NULL: it is in fd */
	enum storage storage;
	uint64_t group; /* whose it is, and which: for helpers.h */
	uint64_t subject;
	/* These bytes were in memory at that time of the monotonic clock. */
	uint64_t warm_from, warm_to;
	int64_t warm_ms;
	uint64_t size;
	uint64_t mtime_ns;
	enum coding coding;
	bool hashed;                  /* its name has a hash of its bytes */
	bool vouched;                 /* the manifest knows this very file */
	bool outdated;                /* the manifest knows another one */
	struct span type;             /* Content-Type; borrowed */
	struct validators validators; /* etag points into text */
	/* Ready field lines, all of them parts of the first. */
	struct span fields;       /* Content-Type and -Length first: of a 200 */
	struct span fields_206;   /* from ETag to the end */
	struct span fields_304;   /* ETag and Vary alone (RFC 9110 15.4.5) */
	struct span vary;         /* Vary alone, or zero */
	struct span fields_error; /* Vary and Content-Encoding: a page's */
	char text[FILE_TEXT_BYTES];
};

/* What files are made of, taken once. */
struct files {
	struct slab slab;
	struct buddy bodies;
	size_t small_bytes; /* a file of this size or less is kept in memory */
	struct helpers *helpers; /* to close what is remote; NULL: none */
};

/*
 * Makes room for nfiles files and all their sidecars, which more files may
 * exceed, and maps memory_bytes for their bodies.  keep is for slab_init().
 * Returns 0, or -1 with errno ENOMEM.
 */
int files_init(struct files *files, size_t nfiles, size_t memory_bytes,
    size_t small_bytes, size_t keep);

/* What file_make() has to know beside the file itself. */
struct file_traits {
	struct span type;
	enum coding coding;
	bool hashed; /* see http/hashname.h */
	bool vary;   /* there are others to choose from */
	int64_t now; /* seconds; an mtime that lies ahead is no validator */
	/* What the manifest says of the path; NULL: nothing. */
	const struct manifest_entry *entry;
	bool digest; /* the hash is sent */
	enum storage storage;
	uint64_t group; /* see helpers.h */
};

/*
 * Takes fd, a regular file that *st describes, and makes a file with one
 * reference of it.  NULL with errno ENOMEM: fd is closed then.
 */
struct file *file_make(struct files *files, int fd, const struct stat *st,
    const struct file_traits *traits);

/* True when the file is small and its bytes are not in memory. */
bool file_wants_memory(const struct files *files, const struct file *file);

/*
 * Reads a small file into memory and closes its descriptor.  Returns 0, or -1
 * with errno: ENOMEM when the memory is used up, EAGAIN when the file is
 * changing.  The file is as it was then.
 */
int file_read(struct files *files, struct file *file);

/* False when what fd refers to is not what it was when it was opened. */
bool file_is_unchanged(const struct file *file);

static inline struct file *
file_get(struct file *file)
{
	file->refs++;
	return file;
}

/* Gives one reference back and sets *filep to NULL; the last one closes. */
void file_put(struct files *files, struct file **filep);

/* Every file must be back by now. */
void files_fini(struct files *files);

#endif
