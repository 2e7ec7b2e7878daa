/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/listing_shows.h"

#include <errno.h>
#include <unistd.h>

#include "http/uri.h"
#include "os/beneath.h"
#include "serve/reply.h"

/* Opening costs so many times what a look at a name does. */
#define LISTING_SHOWS_LINK_WORK 8

/* A name that no request can say, or that site_path_hidden() refuses. */
static bool
listing_shows_is_hidden(const struct listing *listing, struct span name)
{
	if (!uri_is_name(name) || name.len > LISTING_NAME_BYTES)
		return true;
	if (*name.ptr != '.')
		return false;
	return listing->path_len > 1 || !span_equal(name, SPAN(".well-known"));
}

/*
 * Notes why a name could not be looked at; false.  Who is not told of a file
 * because of trouble of ours would take it for deleted.
 */
static bool
listing_shows_nothing(struct listing *listing)
{
	int error = errno;

	if (reply_error_status(error) >= 500)
		listing->error = error;
	return false;
}

/* What a link leads to, if the site's policy lets anybody follow it there. */
static bool
listing_shows_link(
    struct listing *listing, struct span name, struct folder_stat *st)
{
	const struct site *site = listing->site;
	char *end = listing->path + listing->path_len;
	struct stat target;
	int fd;

	listing->work += LISTING_SHOWS_LINK_WORK - 1;
	if (site->conf->symlinks == BENEATH_DENY ||
	    listing->path_len + name.len >= RESOURCE_PATH_BYTES)
		return false;
	memcpy(end, name.ptr, name.len);
	end[name.len] = '\0';
	fd = beneath_open(
	    site->root_fd, listing->path + 1, site->conf->symlinks, &target);
	*end = '\0';
	if (fd == -1)
		return listing_shows_nothing(listing);
	(void)close(fd); /* nothing was read */
	st->mode = target.st_mode;
	st->size = (uint64_t)target.st_size;
	st->mtime_ns = target.st_mtim.tv_sec * INT64_C(1000000000) +
		       target.st_mtim.tv_nsec;
	return true;
}

/* A compressed form of a file that is beside it: the server picks it itself. */
static bool
listing_shows_is_sidecar(struct listing *listing, struct span name)
{
	char original[LISTING_NAME_BYTES + 1];
	struct folder_stat st;

	for (int coding = CODING_BR; coding < CODING_COUNT; coding++) {
		struct span suffix = coding_suffix((enum coding)coding);
		size_t len = name.len - suffix.len;

		if (!site_has_coding(listing->site, (enum coding)coding) ||
		    name.len <= suffix.len || !span_ends_with(name, suffix))
			continue;
		memcpy(original, name.ptr, len);
		original[len] = '\0';
		listing->work++;
		if (folder_stat(&listing->folder, original, &st) == -1)
			return listing_shows_nothing(listing);
		return S_ISREG(st.mode) || S_ISLNK(st.mode);
	}
	return false;
}

/*
 * What the sections on its path would refuse to this client, who is known by no
 * more than what let it see the folder.
 */
static bool
listing_shows_is_denied(struct listing *listing, struct span name, bool folder)
{
	const struct site *site = listing->site;
	char *end = listing->path + listing->path_len;
	struct span path = { listing->path, listing->path_len + name.len };
	uint64_t matched;

	if ((site->gate.sections | site->auth_sections | site->role_sections) ==
	    0)
		return false;
	if (path.len + 1 >= RESOURCE_PATH_BYTES)
		return true;
	memcpy(end, name.ptr, name.len);
	if (folder)
		listing->path[path.len++] = '/';
	matched = rules_match(&site->rules, path);
	*end = '\0';
	return !gate_is_open(&site->gate, matched, &listing->client) ||
	       !auth_pass_admits(listing->pass, site, matched);
}

bool
listing_shows_name(
    struct listing *listing, struct span name, struct folder_stat *st)
{
	listing->work++;
	if (listing_shows_is_hidden(listing, name))
		return false;
	if (folder_stat(&listing->folder, name.ptr, st) == -1)
		return listing_shows_nothing(listing);
	if (S_ISLNK(st->mode)) {
		if (!listing_shows_link(listing, name, st))
			return false;
	} else if (!folder_may_open(&listing->folder, name.ptr, st)) {
		return false;
	}
	if (listing_shows_is_denied(listing, name, S_ISDIR(st->mode)))
		return false;
	if (S_ISDIR(st->mode))
		return true;
	return S_ISREG(st->mode) && !listing_shows_is_sidecar(listing, name);
}
