/* SPDX-License-Identifier: BSD-2-Clause */
/* A site made ready to answer, and which paths it never shows. */
#ifndef SERVE_SITE_H
#define SERVE_SITE_H

#include <stdbool.h>

#include "conf/conf.h"
#include "core/span.h"
#include "http/coding.h"
#include "os/storage.h"
#include "serve/errorpages.h"
#include "serve/gate.h"
#include "serve/manifest.h"
#include "serve/rules.h"

struct site {
	const struct conf_site *conf;
	int root_fd; /* borrowed: whoever opened it closes it */
	enum storage
	    storage; /* of the root, if the configuration lets us look */
	unsigned
	    codings; /* bit 1u << coding for sidecars that are looked for */
	enum coding order[CODING_COUNT]; /* which of equals is preferred */
	const unsigned char *closed; /* see maintenance.h; NULL: it never is */
	struct rules rules;
	/* Which of conf->matches set auth and roles: a bit for each. */
	uint64_t auth_sections;
	uint64_t role_sections;
	struct errorpages errorpages;
	struct gate gate;
	/* Bits of the sections that say whether to list, and of those that do.
	 */
	uint64_t listing_said, listing_on;
	bool is_plain;       /* "$uri" is tried first, and no path is better */
	bool is_final;       /* and where it is not there, nothing else is */
	bool adds_fields;    /* some answers have fields of its own */
	uint64_t with_tries; /* the [match] sections with a try list */
	uint64_t with_fallback;   /* those that say something of a fallback */
	struct manifest manifest; /* without files: it is off, or not there */
	int manifest_error;       /* errno of manifest_load(), or 0 */
	unsigned manifest_line;   /* where, for EBADMSG */
};

/*
 * Makes a site of its configuration and its open root.  A manifest that cannot
 * be used is no error here: whoever can say so looks at manifest_error.  0, or
 * -1 with errno ENOMEM; site_fini() is allowed after either.
 */
int site_init(struct site *site, const struct conf_site *conf, int root_fd);

void site_fini(struct site *site);

/*
 * Makes all sites of a configuration; root_fds has a root for each.  The array
 * is the caller's until sites_free().  NULL with errno ENOMEM.
 */
struct site *sites_make(const struct conf *conf, const int *root_fds);

/* Frees *sitesp and sets it to NULL, which is allowed. */
void sites_free(struct site **sitesp, unsigned nsites);

static inline bool
site_has_coding(const struct site *site, enum coding coding)
{
	return (site->codings & 1u << coding) != 0;
}

/* True while the site is closed for maintenance. */
static inline bool
site_is_closed(const struct site *site)
{
	return site->closed != NULL &&
	       __atomic_load_n(site->closed, __ATOMIC_RELAXED) != 0;
}

/* Whether a folder is listed that the sections of matched are about. */
bool site_lists(const struct site *site, uint64_t matched);

/* Whether the site lists any folder at all. */
bool site_may_list(const struct site *site);

/* What is wrong with a manifest, by site->manifest_error. */
const char *site_manifest_problem(const struct site *site);

/*
 * True when a decoded path has a component that begins with a dot, other than
 * a leading ".well-known" (RFC 8615): such files are not served.  Inline, since
 * every request asks it.
 */
static inline bool
site_path_hidden(struct span path)
{
	const struct span allowed = SPAN("/.well-known/");
	const char *end = path.ptr + path.len;
	const char *from = path.ptr + 1;

	if (path.len > 1 && *from == '.') {
		if (!span_starts_with(path, allowed))
			return true;
		from = path.ptr + allowed.len - 1;
	}
	while ((from = memchr(from, '/', (size_t)(end - from))) != NULL)
		if (++from < end && *from == '.')
			return true;
	return false;
}

#endif
