/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/file.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

#include "core/number.h"
#include "http/date.h"

/* Half of a hash is more than enough to tell contents apart. */
#define FILE_ETAG_DIGITS 32

int
files_init(struct files *files, size_t nfiles, size_t memory_bytes,
    size_t small_bytes, size_t keep)
{
	slab_init(&files->slab, sizeof(struct file), keep);
	files->small_bytes = small_bytes;
	files->helpers = NULL;
	/* For sidecars, which cost memory only where there are some. */
	slab_reserve(&files->slab, (CODING_COUNT - 1) * nfiles);
	if (slab_warm(&files->slab, nfiles) == -1)
		return -1;
	return buddy_init(&files->bodies, memory_bytes);
}

static uint64_t
file_mtime_ns(const struct stat *st)
{
	return (uint64_t)st->st_mtim.tv_sec * 1000000000u +
	       (uint64_t)st->st_mtim.tv_nsec;
}

static char *
file_append(char *end, struct span span)
{
	memcpy(end, span.ptr, span.len);
	return end + span.len;
}

/*
 * A validator must change when the file does.  Builds that set every mtime to
 * 0 or 1 break that promise, and so does a clock that runs ahead.
 */
static bool
file_mtime_means_something(int64_t mtime, int64_t now)
{
	return mtime > 1 && mtime <= now;
}

/*
 * True when the manifest is about this very file.  A time that means nothing
 * is not compared: it was set after the manifest was made, as for a package.
 */
static bool
file_is_of_entry(const struct stat *st, const struct manifest_entry *entry)
{
	return (uint64_t)st->st_size == entry->size &&
	       (st->st_mtim.tv_sec == 0 || st->st_mtim.tv_sec == 1 ||
		   file_mtime_ns(st) == entry->mtime_ns);
}

/*
 * Strong: the hash of the content, where an entry of the manifest vouches for
 * it, or else (NULL) mtime in nanoseconds and size, the same on every node of
 * a fleet; the coding too, for a sidecar may share all of that with another.
 */
static char *
file_format_etag(
    struct file *file, char *end, const struct manifest_entry *entry)
{
	char *etag;

	end = file_append(end, SPAN("ETag: "));
	etag = end;
	*end++ = '"';
	if (entry != NULL) {
		end = file_append(
		    end, (struct span){ entry->hash, FILE_ETAG_DIGITS });
	} else {
		end += number_format_base36(end, file->mtime_ns);
		*end++ = '-';
		end += number_format_base36(end, file->size);
	}
	if (file->coding != CODING_IDENTITY) {
		*end++ = '-';
		end = file_append(end, coding_name(file->coding));
	}
	*end++ = '"';
	file->validators.etag = (struct span){ etag, (size_t)(end - etag) };
	return file_append(end, SPAN("\r\n"));
}

static char *
file_format_modified(struct file *file, char *end, int64_t mtime)
{
	file->validators.last_modified = mtime;
	file->validators.has_last_modified = true;
	end = file_append(end, SPAN("Last-Modified: "));
	date_format_imf(end, mtime);
	return file_append(end + DATE_IMF_LEN, SPAN("\r\n"));
}

/* Of the whole file, also where a part of it is sent (RFC 9530 3). */
static char *
file_format_digest(char *end, const struct manifest_entry *entry)
{
	end = file_append(end, SPAN("Repr-Digest: sha-256=:"));
	manifest_format_digest(entry, end);
	return file_append(end + MANIFEST_DIGEST_LEN, SPAN(":\r\n"));
}

/* The representation itself: what only a whole answer carries. */
static char *
file_format_content(struct file *file, char *end)
{
	end = file_append(end, SPAN("Content-Type: "));
	end = file_append(end, file->type);
	end = file_append(end, SPAN("\r\nContent-Length: "));
	end += number_format_u64(end, file->size);
	return file_append(end, SPAN("\r\n"));
}

static void
file_format_fields(
    struct file *file, const struct stat *st, const struct file_traits *traits)
{
	int64_t mtime = st->st_mtim.tv_sec;
	bool dated = file_mtime_means_something(mtime, traits->now);
	const char *rest, *coded, *rest_304;
	char *end;

	file->validators = (struct validators){ 0 };
	rest = end = file_format_content(file, file->text);
	if (dated || file->vouched)
		end = file_format_etag(
		    file, end, file->vouched ? traits->entry : NULL);
	file->vary = traits->vary ? SPAN("Vary: Accept-Encoding\r\n")
				  : (struct span){ 0 };
	coded = end;
	if (traits->vary)
		end = file_append(end, file->vary);
	rest_304 = end;
	if (file->coding != CODING_IDENTITY) {
		end = file_append(end, SPAN("Content-Encoding: "));
		end = file_append(end, coding_name(file->coding));
		end = file_append(end, SPAN("\r\n"));
	}
	file->fields_error = (struct span){ coded, (size_t)(end - coded) };
	if (dated)
		end = file_format_modified(file, end, mtime);
	if (file->vouched && traits->digest)
		end = file_format_digest(end, traits->entry);
	end = file_append(end, SPAN("Accept-Ranges: bytes\r\n"));
	file->fields = (struct span){ file->text, (size_t)(end - file->text) };
	file->fields_206 = (struct span){ rest, (size_t)(end - rest) };
	file->fields_304 = (struct span){ rest, (size_t)(rest_304 - rest) };
	assert(file->fields.len <= sizeof(file->text));
}

struct file *
file_make(struct files *files, int fd, const struct stat *st,
    const struct file_traits *traits)
{
	struct file *file = slab_get(&files->slab);

	if (file == NULL) {
		(void)close(fd);
		errno = ENOMEM;
		return NULL;
	}
	file->refs = 1;
	file->fd = fd;
	file->body = NULL;
	file->storage = traits->storage;
	file->group = traits->group;
	file->subject = (uint64_t)st->st_ino ^ (uint64_t)st->st_dev << 40;
	file->warm_from = file->warm_to = 0;
	file->warm_ms = 0;
	file->size = (uint64_t)st->st_size;
	file->mtime_ns = file_mtime_ns(st);
	file->coding = traits->coding;
	file->hashed = traits->hashed;
	file->type = traits->type;
	file->vouched =
	    traits->entry != NULL && file_is_of_entry(st, traits->entry);
	file->outdated = traits->entry != NULL && !file->vouched;
	file_format_fields(file, st, traits);
	return file;
}

bool
file_wants_memory(const struct files *files, const struct file *file)
{
	return file->body == NULL && file->size > 0 &&
	       file->size <= files->small_bytes;
}

/* Reads all of a file that does not change meanwhile. */
static bool
file_read_whole(const struct file *file, char *body)
{
	struct stat before, after;

	return fstat(file->fd, &before) == 0 &&
	       pread(file->fd, body, file->size, 0) == (ssize_t)file->size &&
	       fstat(file->fd, &after) == 0 &&
	       before.st_size == (off_t)file->size &&
	       after.st_size == before.st_size &&
	       after.st_mtim.tv_sec == before.st_mtim.tv_sec &&
	       after.st_mtim.tv_nsec == before.st_mtim.tv_nsec;
}

int
file_read(struct files *files, struct file *file)
{
	char *body = buddy_get(&files->bodies, file->size);

	if (body == NULL) {
		errno = ENOMEM;
		return -1;
	}
	if (!file_read_whole(file, body)) {
		buddy_put(&files->bodies, body, file->size);
		errno = EAGAIN;
		return -1;
	}
	file->body = body;
	/* Read-only: a failing close loses nothing. */
	(void)close(file->fd);
	file->fd = -1;
	return 0;
}

bool
file_is_unchanged(const struct file *file)
{
	struct stat st;

	return file->fd == -1 || (fstat(file->fd, &st) == 0 &&
				     (uint64_t)st.st_size == file->size &&
				     file_mtime_ns(&st) == file->mtime_ns);
}

void
file_put(struct files *files, struct file **filep)
{
	struct file *file = *filep;

	*filep = NULL;
	assert(file->refs > 0);
	if (--file->refs > 0)
		return;
	if (file->body != NULL)
		buddy_put(&files->bodies, file->body, file->size);
	else if (file->storage == STORAGE_REMOTE && files->helpers != NULL)
		helpers_close(files->helpers, file->fd);
	else
		(void)close(file->fd);
	slab_put(&files->slab, file);
}

void
files_fini(struct files *files)
{
	slab_fini(&files->slab);
	buddy_fini(&files->bodies);
}
