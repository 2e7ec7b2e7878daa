/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/resource.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

#include "core/hash.h"
#include "http/hashname.h"
#include "os/beneath.h"

/* Opens path; EAGAIN where that may wait and must not. */
static int
resource_open_path(const struct site *site, const char *path,
    enum beneath_symlinks symlinks, const struct resource_how *how,
    struct stat *st)
{
	return how->now ? beneath_open_now(site->root_fd, path, symlinks, st)
			: beneath_open(site->root_fd, path, symlinks, st);
}

/* Of a file: nothing but the root's file system is opened without a wait. */
static enum storage
resource_storage(
    const struct site *site, int fd, const struct resource_how *how)
{
	switch (site->conf->storage) {
	case CONF_STORAGE_AUTO: break;
	case CONF_STORAGE_LOCAL: return STORAGE_DISK;
	case CONF_STORAGE_REMOTE: return STORAGE_REMOTE;
	}
	return how->now ? site->storage : storage_of(fd);
}

/* Sees to it that a small file is in memory; false when it has to be read. */
static bool
resource_has_bytes(
    int fd, const struct stat *st, const struct resource_how *how)
{
	size_t size = (size_t)st->st_size;

	if (size == 0 || size > how->small_bytes)
		return true;
	if (how->now)
		return storage_look(fd, 0, size) == STORAGE_RESIDENT;
	/* What cannot be read says so when it is sent. */
	(void)storage_warm(fd, 0, size);
	return true;
}

/* Opens a regular file.  0, or the errno that says what is there instead. */
static int
resource_find_file(struct resource_found *found, enum coding coding,
    const struct site *site, const char *path, const struct resource_how *how)
{
	enum beneath_symlinks symlinks = site->conf->symlinks;
	struct stat *st = &found->files[coding].st;
	int fd, error = EAGAIN;

	/* Most paths have no link, behind which no event tells of a change. */
	fd = resource_open_path(site, path, BENEATH_DENY, how, st);
	if (fd == -1 && errno == ELOOP && symlinks != BENEATH_DENY) {
		found->plain = false;
		fd = resource_open_path(site, path, symlinks, how, st);
	}
	if (fd == -1)
		return errno;
	if (S_ISREG(st->st_mode)) {
		found->files[coding].fd = fd;
		found->files[coding].storage = resource_storage(site, fd, how);
		if (found->files[coding].storage != STORAGE_DISK ||
		    resource_has_bytes(fd, st, how))
			return 0;
		found->files[coding].fd = -1;
	} else {
		error = S_ISDIR(st->st_mode) ? EISDIR : ENXIO;
	}
	/* Read-only: a failing close loses nothing. */
	(void)close(fd);
	return error;
}

static bool
resource_is_older(const struct stat *a, const struct stat *b)
{
	if (a->st_mtim.tv_sec != b->st_mtim.tv_sec)
		return a->st_mtim.tv_sec < b->st_mtim.tv_sec;
	return a->st_mtim.tv_nsec < b->st_mtim.tv_nsec;
}

/* A sidecar that is older than its original was made from another one. */
static int
resource_find_sidecar(struct resource_found *found, enum coding coding,
    const struct site *site, const char *path, const struct resource_how *how)
{
	int error = resource_find_file(found, coding, site, path, how);

	if (how->now && error == EAGAIN)
		return error;
	/* Trouble of ours passes, and no event tells of it. */
	if (error != 0 && error != ENOENT)
		found->plain = false;
	if (error != 0 || !resource_is_older(&found->files[coding].st,
			      &found->files[CODING_IDENTITY].st))
		return 0;
	(void)close(found->files[coding].fd);
	found->files[coding].fd = -1;
	return 0;
}

/* Puts the suffix of a coding behind a path. */
static const char *
resource_name(struct span path, enum coding coding,
    char out[static RESOURCE_PATH_BYTES + 8])
{
	struct span suffix = coding_suffix(coding);

	memcpy(out, path.ptr, path.len);
	memcpy(out + path.len, suffix.ptr, suffix.len);
	out[path.len + suffix.len] = '\0';
	return out;
}

void
resource_find(struct resource_found *found, const struct site *site,
    struct span path, const struct resource_how *how)
{
	const struct span relative = { path.ptr + 1, path.len - 1 };
	char name[RESOURCE_PATH_BYTES + 8];

	assert(path.len > 0 && path.len < RESOURCE_PATH_BYTES);
	found->plain = true;
	for (int coding = 0; coding < CODING_COUNT; coding++)
		found->files[coding].fd = -1;
	found->error =
	    resource_find_file(found, CODING_IDENTITY, site, relative.ptr, how);
	for (int coding = CODING_BR; coding < CODING_COUNT && found->error == 0;
	     coding++)
		if (site_has_coding(site, (enum coding)coding))
			found->error = resource_find_sidecar(found,
			    (enum coding)coding, site,
			    resource_name(relative, (enum coding)coding, name),
			    how);
	if (found->error != 0)
		resource_drop(found);
}

uint64_t
resource_group(const struct site *site, struct span path)
{
	const char *slash = memchr(path.ptr + 1, '/', path.len - 1);
	size_t len = slash == NULL ? 1 : (size_t)(slash - path.ptr);

	return (uintptr_t)site ^ (uint64_t)hash_bytes(0, path.ptr, len) << 32;
}

void
resource_drop(struct resource_found *found)
{
	for (int coding = 0; coding < CODING_COUNT; coding++) {
		if (found->files[coding].fd != -1)
			(void)close(found->files[coding].fd);
		found->files[coding].fd = -1;
	}
}

/*
 * What has a second name can change under that one, and a date that lies ahead
 * becomes a validator without an event.
 */
static bool
resource_is_settled(const struct stat *st, int64_t now)
{
	return st->st_nlink < 2 && st->st_mtim.tv_sec <= now;
}

/* Makes one file of what was found; NULL with errno ENOMEM. */
static struct file *
resource_make_file(struct resource_found *found, enum coding coding,
    struct files *files, const struct site *site, struct span path,
    struct file_traits traits)
{
	const struct span relative = { path.ptr + 1, path.len - 1 };
	char name[RESOURCE_PATH_BYTES + 8];
	struct manifest_entry entry;
	int fd = found->files[coding].fd;

	found->files[coding].fd = -1;
	traits.coding = coding;
	traits.storage = found->files[coding].storage;
	if (manifest_find(&site->manifest,
		span_of(resource_name(relative, coding, name)), &entry))
		traits.entry = &entry;
	return file_make(files, fd, &found->files[coding].st, &traits);
}

static struct span
resource_find_type(
    const struct mime_map *mime, const struct site *site, struct span path)
{
	struct span type = rules_type(&site->rules, path);

	return type.ptr == NULL ? mime_lookup(mime, path) : type;
}

void
resource_make(struct resource *resource, struct files *files,
    const struct mime_map *mime, const struct site *site, struct span path,
    int64_t now, struct resource_found *found)
{
	struct file_traits traits = {
		.type = resource_find_type(mime, site, path),
		.hashed = hashname_is_hashed(path),
		.now = now,
		.digest = site->conf->manifest == CONF_MANIFEST_DIGEST,
		.group = resource_group(site, path),
	};
	int error = found->error;

	*resource = (struct resource){ .plain = found->plain };
	for (int coding = CODING_BR; coding < CODING_COUNT; coding++)
		traits.vary = traits.vary || found->files[coding].fd != -1;
	for (int coding = 0; coding < CODING_COUNT; coding++) {
		if (found->files[coding].fd == -1)
			continue;
		if (!resource_is_settled(&found->files[coding].st, now))
			resource->plain = false;
		if (found->files[coding].storage == STORAGE_REMOTE)
			resource->remote = true;
		resource->files[coding] = resource_make_file(
		    found, (enum coding)coding, files, site, path, traits);
		if (resource->files[coding] != NULL)
			resource->available |= 1u << coding;
		else
			error = ENOMEM;
	}
	if (error != 0)
		resource_close(resource, files);
	resource->error = error;
}

void
resource_open(struct resource *resource, struct files *files,
    const struct mime_map *mime, const struct site *site, struct span path,
    int64_t now)
{
	const struct resource_how how = { 0 };
	struct resource_found found;

	resource_find(&found, site, path, &how);
	resource_make(resource, files, mime, site, path, now, &found);
}

void
resource_share(struct resource *resource, const struct resource *other)
{
	*resource = *other;
	for (int coding = 0; coding < CODING_COUNT; coding++)
		if (resource->files[coding] != NULL)
			(void)file_get(resource->files[coding]);
}

bool
resource_is_unchanged(const struct resource *resource)
{
	for (int coding = 0; coding < CODING_COUNT; coding++)
		if (resource->files[coding] != NULL &&
		    !file_is_unchanged(resource->files[coding]))
			return false;
	return true;
}

bool
resource_holds_descriptor(const struct resource *resource)
{
	for (int coding = 0; coding < CODING_COUNT; coding++) {
		const struct file *file = resource->files[coding];

		if (file != NULL && file->fd != -1 && file->refs == 1)
			return true;
	}
	return false;
}

void
resource_close(struct resource *resource, struct files *files)
{
	for (int coding = 0; coding < CODING_COUNT; coding++)
		if (resource->files[coding] != NULL)
			file_put(files, &resource->files[coding]);
	*resource = (struct resource){ 0 };
}
