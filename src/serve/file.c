/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/file.h"

#include <assert.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/number.h"
#include "http/date.h"
#include "os/beneath.h"

void
files_init(struct files *files, const struct mime_map *mime, size_t keep)
{
	slab_init(&files->slab, sizeof(struct file), keep);
	files->mime = mime;
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

/* Strong: mtime in nanoseconds and size, the same on every node of a fleet. */
static char *
file_format_etag(struct file *file, char *end, const struct stat *st)
{
	uint64_t mtime_ns = (uint64_t)st->st_mtim.tv_sec * 1000000000u +
			    (uint64_t)st->st_mtim.tv_nsec;
	char *etag;

	end = file_append(end, SPAN("ETag: "));
	etag = end;
	*end++ = '"';
	end += number_format_base36(end, mtime_ns);
	*end++ = '-';
	end += number_format_base36(end, file->size);
	*end++ = '"';
	file->validators.etag = (struct span){ etag, (size_t)(end - etag) };
	return file_append(end, SPAN("\r\n"));
}

static void
file_format_fields(struct file *file, const struct stat *st, int64_t now)
{
	char *end = file->text;

	file->validators = (struct validators){ 0 };
	if (file_mtime_means_something(st->st_mtim.tv_sec, now)) {
		end = file_format_etag(file, end, st);
		file->fields_304.len = (size_t)(end - file->text);
		end = file_append(end, SPAN("Last-Modified: "));
		date_format_imf(end, st->st_mtim.tv_sec);
		end = file_append(end + DATE_IMF_LEN, SPAN("\r\n"));
		file->validators.last_modified = st->st_mtim.tv_sec;
		file->validators.has_last_modified = true;
	} else {
		file->fields_304.len = 0;
	}
	end = file_append(end, SPAN("Accept-Ranges: bytes\r\n"));
	file->fields_304.ptr = file->text;
	file->fields = (struct span){ file->text, (size_t)(end - file->text) };
	assert(file->fields.len <= sizeof(file->text));
}

/* The kernel's answer to open, as a descriptor of a regular file or errno. */
static int
file_open_regular(const struct site *site, const char *path, struct stat *st)
{
	int fd = beneath_open(site->root_fd, path, site->conf->symlinks, st);

	if (fd == -1)
		return -1;
	if (S_ISREG(st->st_mode))
		return fd;
	/* Read-only: a failing close loses nothing. */
	(void)close(fd);
	errno = S_ISDIR(st->st_mode) ? EISDIR : ENXIO;
	return -1;
}

struct file *
file_open(
    struct files *files, const struct site *site, struct span path, int64_t now)
{
	struct file *file;
	struct stat st;
	int fd;

	assert(path.len > 0 && path.ptr[0] == '/');
	fd = file_open_regular(site, path.ptr + 1, &st);
	if (fd == -1)
		return NULL;
	file = slab_get(&files->slab);
	if (file == NULL) {
		(void)close(fd);
		errno = ENOMEM;
		return NULL;
	}
	file->refs = 1;
	file->fd = fd;
	file->size = (uint64_t)st.st_size;
	file->type = mime_lookup(files->mime, path);
	file_format_fields(file, &st, now);
	return file;
}

void
file_put(struct files *files, struct file **filep)
{
	struct file *file = *filep;

	*filep = NULL;
	assert(file->refs > 0);
	if (--file->refs > 0)
		return;
	(void)close(file->fd);
	slab_put(&files->slab, file);
}

void
files_fini(struct files *files)
{
	slab_fini(&files->slab);
}
