/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/resource.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

#include "http/hashname.h"
#include "os/beneath.h"

/* An open file on its way into a resource; fd -1: there is none. */
struct found {
	int fd;
	struct stat st;
	bool listed; /* in the manifest */
	struct manifest_entry entry;
};

/* Opens a regular file.  0, or the errno that says what is there instead. */
static int
resource_find(struct resource *resource, const struct site *site,
    const char *path, struct found *found)
{
	enum beneath_symlinks symlinks = site->conf->symlinks;

	/* Most paths have no link, behind which no event tells of a change. */
	found->fd = beneath_open(site->root_fd, path, BENEATH_DENY, &found->st);
	if (found->fd == -1 && errno == ELOOP && symlinks != BENEATH_DENY) {
		resource->plain = false;
		found->fd =
		    beneath_open(site->root_fd, path, symlinks, &found->st);
	}
	if (found->fd == -1)
		return errno;
	if (S_ISREG(found->st.st_mode)) {
		found->listed = manifest_find(
		    &site->manifest, span_of(path), &found->entry);
		return 0;
	}
	/* Read-only: a failing close loses nothing. */
	(void)close(found->fd);
	found->fd = -1;
	return S_ISDIR(found->st.st_mode) ? EISDIR : ENXIO;
}

static bool
resource_is_older(const struct stat *a, const struct stat *b)
{
	if (a->st_mtim.tv_sec != b->st_mtim.tv_sec)
		return a->st_mtim.tv_sec < b->st_mtim.tv_sec;
	return a->st_mtim.tv_nsec < b->st_mtim.tv_nsec;
}

/* A sidecar that is older than its original was made from another one. */
static void
resource_find_sidecar(struct resource *resource, const struct site *site,
    const char *path, const struct stat *original, struct found *found)
{
	int error = resource_find(resource, site, path, found);

	/* Trouble of ours passes, and no event tells of it. */
	if (error != 0 && error != ENOENT)
		resource->plain = false;
	if (error != 0 || !resource_is_older(&found->st, original))
		return;
	(void)close(found->fd);
	found->fd = -1;
}

static void
resource_find_sidecars(struct resource *resource, const struct site *site,
    struct span path, struct found found[CODING_COUNT])
{
	char name[RESOURCE_PATH_BYTES + 8];

	memcpy(name, path.ptr, path.len);
	for (int coding = CODING_BR; coding < CODING_COUNT; coding++) {
		struct span suffix = coding_suffix((enum coding)coding);

		if (!site_has_coding(site, (enum coding)coding))
			continue;
		memcpy(name + path.len, suffix.ptr, suffix.len);
		name[path.len + suffix.len] = '\0';
		resource_find_sidecar(resource, site, name,
		    &found[CODING_IDENTITY].st, &found[coding]);
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

static void
resource_make_files(struct resource *resource, struct files *files,
    struct file_traits traits, const struct found found[CODING_COUNT])
{
	for (int coding = CODING_BR; coding < CODING_COUNT; coding++)
		traits.vary = traits.vary || found[coding].fd != -1;
	for (int coding = 0; coding < CODING_COUNT; coding++) {
		if (found[coding].fd == -1)
			continue;
		if (!resource_is_settled(&found[coding].st, traits.now))
			resource->plain = false;
		traits.coding = (enum coding)coding;
		traits.entry =
		    found[coding].listed ? &found[coding].entry : NULL;
		resource->files[coding] = file_make(
		    files, found[coding].fd, &found[coding].st, &traits);
		if (resource->files[coding] != NULL)
			resource->available |= 1u << coding;
		else
			resource->error = ENOMEM;
	}
}

static struct span
resource_find_type(
    const struct mime_map *mime, const struct site *site, struct span path)
{
	struct span type = rules_type(&site->rules, path);

	return type.ptr == NULL ? mime_lookup(mime, path) : type;
}

void
resource_open(struct resource *resource, struct files *files,
    const struct mime_map *mime, const struct site *site, struct span path,
    int64_t now)
{
	const struct file_traits traits = {
		.type = resource_find_type(mime, site, path),
		.hashed = hashname_is_hashed(path),
		.now = now,
		.digest = site->conf->manifest == CONF_MANIFEST_DIGEST,
	};
	struct found found[CODING_COUNT];
	const struct span relative = { path.ptr + 1, path.len - 1 };

	assert(path.len > 0 && path.len < RESOURCE_PATH_BYTES);
	for (int coding = 0; coding < CODING_COUNT; coding++)
		found[coding].fd = -1;
	*resource = (struct resource){ .plain = true };
	resource->error = resource_find(
	    resource, site, relative.ptr, &found[CODING_IDENTITY]);
	if (resource->error != 0)
		return;
	resource_find_sidecars(resource, site, relative, found);
	resource_make_files(resource, files, traits, found);
	if (resource->error != 0) {
		int error = resource->error;

		resource_close(resource, files);
		resource->error = error;
	}
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
