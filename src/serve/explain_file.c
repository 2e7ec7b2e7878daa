/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/explain_file.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "conf/keys.h"
#include "http/date.h"
#include "os/beneath.h"
#include "serve/listing_answer.h"

/* Links of one path that are told; the kernel follows no more than 40. */
#define EXPLAIN_LINKS 40

/* What is at a path that cannot be served, by the errno of opening it. */
static const struct {
	int error;
	const char *text;
} explain_errors[] = {
	{ EISDIR, "a folder" },
	{ ENXIO, "no regular file but a FIFO, a socket or a device" },
	{ ENOENT, "not there" },
	{ ENOTDIR, "not there: a name on the way is no folder" },
	{ ENAMETOOLONG, "not there: a name is too long" },
	{ ELOOP, "a symbolic link that is not followed" },
	{ EXDEV, "a symbolic link that leads out of the root" },
	{ EACCES, "no permission: may this user read the file and enter its "
		  "folders?" },
};

const char *
explain_file_error(int error)
{
	size_t n = sizeof(explain_errors) / sizeof(explain_errors[0]);

	for (size_t i = 0; i < n; i++)
		if (explain_errors[i].error == error)
			return explain_errors[i].text;
	return strerror(error);
}

/* What the policy made of the links, as the opened path shows. */
static const char *
explain_file_link_verdict(enum beneath_symlinks policy, int error)
{
	if (error == ENOENT || error == ENOTDIR)
		return "it leads to nothing";
	if (error == EXDEV)
		return "refused: it leads out of the root, or is absolute";
	if (error != ELOOP)
		return "followed";
	switch (policy) {
	case BENEATH_DENY: return "refused: no link is followed";
	case BENEATH_OWNER:
		return "refused: what it leads to has another owner, or there "
		       "are too many";
	case BENEATH_WITHIN:
	case BENEATH_FOLLOW: break;
	}
	return "refused: too many links, or a circle";
}

/* The symbolic links among the names of the path; returns how many. */
static unsigned
explain_file_links(const struct explain *explain)
{
	char name[RESOURCE_PATH_BYTES], target[PATH_MAX];
	unsigned nlinks = 0;

	for (size_t i = 1; i <= explain->path_len; i++) {
		bool end = i == explain->path_len;
		ssize_t len;

		if ((!end && explain->path[i] != '/') ||
		    explain->path[i - 1] == '/')
			continue;
		/* The root's own slash is not of the name. */
		memcpy(name, explain->path + 1, i - 1);
		name[i - 1] = '\0';
		len = readlinkat(explain->serve->site->root_fd, name, target,
		    sizeof(target));
		if (len == -1)
			continue;
		if (++nlinks <= EXPLAIN_LINKS)
			explain_say(explain->out, "link", "/%s -> %.*s", name,
			    (int)len, target);
	}
	return nlinks;
}

static void
explain_file_symlinks(const struct explain *explain, int error)
{
	const struct conf_site *site = explain->serve->site->conf;
	const struct key *key =
	    keys_find(keys_section(SPAN("site")), SPAN("symlinks"));
	char place[REPORT_PLACE];
	unsigned nlinks = explain_file_links(explain);

	explain_say(explain->out, "symlinks", "%s (%s): %s",
	    key->words[site->symlinks],
	    explain_origin(explain, site, "symlinks", place),
	    nlinks == 0 ? "there is no link on the way"
			: explain_file_link_verdict(site->symlinks, error));
}

static void
explain_file_found(const struct explain *explain, const struct file *file)
{
	char date[DATE_IMF_LEN];

	date_format_imf(date, (int64_t)(file->mtime_ns / 1000000000u));
	explain_say(explain->out, "file", "%s%s: %llu bytes, changed %.*s%s",
	    explain->serve->site->conf->root, explain->path,
	    (unsigned long long)file->size, DATE_IMF_LEN, date,
	    file->validators.has_last_modified
		? ""
		: ", a time that proves nothing");
}

/* What the manifest has to do with the file that is sent. */
static const char *
explain_file_manifest_verdict(const struct file *file)
{
	if (file->vouched)
		return "it vouches for the content";
	return file->outdated
		   ? "it knows another size or time of change, so it is not "
		     "used; run tined manifest, then tined -s reload"
		   : "the file is not in it";
}

static void
explain_file_manifest(const struct explain *explain)
{
	const struct site *site = explain->serve->site;
	char place[REPORT_PLACE];

	if (site->conf->manifest == CONF_MANIFEST_OFF)
		return;
	(void)explain_origin(explain, site->conf, "manifest", place);
	if (site->manifest_error != 0)
		explain_say(explain->out, "manifest",
		    "%s (%s): not used: %s; run tined manifest",
		    CONF_MANIFEST_NAME, place, site_manifest_problem(site));
	else if (explain->reply->file != NULL)
		explain_say(explain->out, "manifest", "%s (%s): %s",
		    CONF_MANIFEST_NAME, place,
		    explain_file_manifest_verdict(explain->reply->file));
}

/* Why a sidecar is not there to be chosen. */
static const char *
explain_file_no_sidecar(const struct site *site, const char *name)
{
	struct stat st;
	int fd = beneath_open(site->root_fd, name, site->conf->symlinks, &st);

	if (fd == -1)
		return explain_file_error(errno);
	(void)close(fd); /* nothing was read */
	return S_ISREG(st.st_mode) ? "older than the file, so passed over"
				   : explain_file_error(ENXIO);
}

static void
explain_file_sidecar(const struct explain *explain,
    const struct resource *resource, enum coding coding)
{
	struct span suffix = coding_suffix(coding);
	char name[RESOURCE_PATH_BYTES + 8];

	(void)snprintf(name, sizeof(name), "%s%.*s", explain->path + 1,
	    (int)suffix.len, suffix.ptr);
	if ((resource->available & 1u << coding) != 0)
		explain_say(explain->out, "sidecar", "%.*s: %llu bytes",
		    (int)suffix.len, suffix.ptr,
		    (unsigned long long)resource->files[coding]->size);
	else
		explain_say(explain->out, "sidecar", "%.*s: %s",
		    (int)suffix.len, suffix.ptr,
		    explain_file_no_sidecar(explain->serve->site, name));
}

/* Which of several the client gets. */
static void
explain_file_coding(const struct explain *explain, const struct file *file)
{
	struct span accepted = explain->request->value[FIELD_ACCEPT_ENCODING];
	struct span name = file->coding == CODING_IDENTITY
			       ? SPAN("none, the file as it is")
			       : coding_name(file->coding);

	if (accepted.ptr == NULL)
		explain_say(explain->out, "coding",
		    "%.*s: there is no Accept-Encoding", (int)name.len,
		    name.ptr);
	else
		explain_say(explain->out, "coding",
		    "%.*s, of Accept-Encoding: %.*s", (int)name.len, name.ptr,
		    (int)accepted.len, accepted.ptr);
}

static void
explain_file_sidecars(
    const struct explain *explain, const struct resource *resource)
{
	const struct site *site = explain->serve->site;
	char place[REPORT_PLACE];

	if (site->codings == 0)
		explain_say(explain->out, "sidecars", "none (%s)",
		    explain_origin(
			explain, site->conf, "precompressed", place));
	for (unsigned i = 0; i < CODING_COUNT; i++)
		if (site_has_coding(site, site->order[i]))
			explain_file_sidecar(explain, resource, site->order[i]);
	/* The file may have gone since it was answered. */
	if (resource->available != 1u << CODING_IDENTITY &&
	    explain->reply->file != NULL)
		explain_file_coding(explain, explain->reply->file);
}

/* The section that decides on the listing; the site when none does. */
static const void *
explain_file_lister(const struct explain *explain)
{
	const struct site *site = explain->serve->site;
	const struct conf_match *match = rules_last(
	    site->conf->matches, explain->serve->matched & site->listing_said);

	return match == NULL ? (const void *)site->conf : match;
}

/* What is in the way of listing the folder; 0: nothing. */
static int
explain_file_unlistable(const struct serve *serve, struct span folder)
{
	char path[RESOURCE_PATH_BYTES];
	struct stat st;
	int fd;

	memcpy(path, folder.ptr, folder.len);
	path[folder.len] = '\0';
	fd = beneath_open(
	    serve->site->root_fd, path + 1, serve->site->conf->symlinks, &st);
	if (fd == -1)
		return errno;
	(void)close(fd); /* nothing was read */
	return 0;
}

void
explain_file_listing(const struct explain *explain, struct span folder)
{
	static const char *const sorts[] = {
		[LISTING_NAME] = "name",
		[LISTING_SIZE] = "size",
		[LISTING_TIME] = "time",
	};
	const struct serve *serve = explain->serve;
	const struct listing_wish wish = listing_answer_wish(explain->request);
	int error = explain_file_unlistable(serve, folder);
	char place[REPORT_PLACE];
	const char *origin = explain_origin(
	    explain, explain_file_lister(explain), "listing", place);

	if (!site_lists(serve->site, serve->matched))
		explain_say(explain->out, "listing",
		    "off (%s): as if the folder were not there", origin);
	else if (error != 0)
		explain_say(explain->out, "listing", "on (%s), but: %s", origin,
		    explain_file_error(error));
	else
		explain_say(explain->out, "listing", "on (%s): as %s, by %s%s",
		    origin, wish.format == LISTING_JSON ? "JSON" : "a page",
		    sorts[wish.order.sort],
		    wish.order.descending ? ", turned round" : "");
}

void
explain_file_steps(
    const struct explain *explain, const struct resource *resource)
{
	explain_file_symlinks(explain, resource->error);
	if (resource->error != 0) {
		explain_say(explain->out, "file", "%s%s: %s",
		    explain->serve->site->conf->root, explain->path,
		    resource->error == EISDIR
			? "a folder, which is redirected to its slash"
			: explain_file_error(resource->error));
		return;
	}
	explain_file_found(explain, resource->files[CODING_IDENTITY]);
	explain_file_sidecars(explain, resource);
	explain_file_manifest(explain);
}
