/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/site.h"

#include <errno.h>
#include <stdlib.h>

#include "conf/guard.h"

/* The coding that the configuration calls by the ending of its files. */
static enum coding
site_coding(const char *word)
{
	for (int coding = CODING_BR; coding < CODING_COUNT; coding++) {
		struct span suffix = coding_suffix((enum coding)coding);

		if (span_equal(span_of(word),
			(struct span){ suffix.ptr + 1, suffix.len - 1 }))
			return (enum coding)coding;
	}
	return CODING_IDENTITY; /* "none" */
}

/* True when nothing is tried but the path itself and a folder there. */
static bool
site_tries_path_alone(const struct conf_list *tries)
{
	for (unsigned i = 0; i < tries->nitems; i++)
		if (strcmp(tries->items[i], CONF_URI) != 0 &&
		    strcmp(tries->items[i], CONF_URI "/") != 0)
			return false;
	return true;
}

/* Remembers which sections say something, so that most need not be asked. */
static void
site_find_setters(struct site *site)
{
	for (unsigned i = 0; i < site->conf->nmatches; i++) {
		const struct conf_match *match = site->conf->matches[i];
		uint64_t bit = rules_bit(i);

		if (match->tries.nitems > 0)
			site->with_tries |= bit;
		if (span_of(match->fallback).len > 0)
			site->with_fallback |= bit;
		if (guard_is_set(match))
			site->auth_sections |= bit;
		if (match->roles.nitems > 0)
			site->role_sections |= bit;
		if (match->listing != CONF_LISTING_INHERIT)
			site->listing_said |= bit;
		if (match->listing == CONF_LISTING_ON)
			site->listing_on |= bit;
	}
}

/* Remembers what makes an answer simple, so that most are. */
static void
site_find_shape(struct site *site)
{
	bool falls_back =
	    span_starts_with(span_of(site->conf->fallback), SPAN("/"));

	site->adds_fields = site->conf->nmatches > 0 || falls_back;
	site->is_plain = site->conf->redirects[0] == NULL &&
			 site->conf->redirects[1] == NULL &&
			 site->conf->rewrites[0] == NULL &&
			 site->conf->rewrites[1] == NULL &&
			 site->conf->canonical == CONF_CANONICAL_OFF &&
			 site->conf->tries.nitems > 0 &&
			 strcmp(site->conf->tries.items[0], CONF_URI) == 0;
	site->is_final =
	    !falls_back && site_tries_path_alone(&site->conf->tries);
}

/* 0, or -1 with errno ENOMEM. */
static int
site_load_manifest(struct site *site)
{
	if (site->conf->manifest == CONF_MANIFEST_OFF ||
	    manifest_load(&site->manifest, site->root_fd, CONF_MANIFEST_NAME,
		&site->manifest_line) == 0)
		return 0;
	site->manifest_error = errno;
	return errno == ENOMEM ? -1 : 0;
}

const char *
site_manifest_problem(const struct site *site)
{
	switch (site->manifest_error) {
	case EAGAIN: return "it was written to while it was read";
	case EBADMSG: return "it is no manifest, or damaged";
	case ELOOP: return "it is a symbolic link";
	default: return strerror(site->manifest_error);
	}
}

static enum storage
site_find_storage(const struct conf_site *conf, int root_fd)
{
	switch (conf->storage) {
	case CONF_STORAGE_AUTO: break;
	case CONF_STORAGE_LOCAL: return STORAGE_DISK;
	case CONF_STORAGE_REMOTE: return STORAGE_REMOTE;
	}
	return storage_of(root_fd);
}

int
site_init(struct site *site, const struct conf_site *conf, int root_fd)
{
	const struct conf_list *words = &conf->precompressed;
	unsigned n = 0;

	*site = (struct site){
		.conf = conf,
		.root_fd = root_fd,
		.storage = site_find_storage(conf, root_fd),
	};
	for (unsigned i = 0; i < words->nitems; i++) {
		enum coding coding = site_coding(words->items[i]);

		if (coding == CODING_IDENTITY || site_has_coding(site, coding))
			continue;
		site->codings |= 1u << coding;
		site->order[n++] = coding;
	}
	/* Identity is the last resort; what is left out is never available. */
	site->order[n++] = CODING_IDENTITY;
	for (int coding = CODING_BR; coding < CODING_COUNT; coding++)
		if (!site_has_coding(site, (enum coding)coding))
			site->order[n++] = (enum coding)coding;
	site_find_setters(site);
	site_find_shape(site);
	errorpages_init(&site->errorpages, conf->error_pages);
	gate_init(&site->gate, conf);
	return rules_init(&site->rules, conf) == 0 ? site_load_manifest(site)
						   : -1;
}

void
site_fini(struct site *site)
{
	rules_fini(&site->rules);
	manifest_fini(&site->manifest);
}

bool
site_lists(const struct site *site, uint64_t matched)
{
	const struct conf_match *match =
	    rules_last(site->conf->matches, matched & site->listing_said);

	return (match == NULL ? site->conf->listing : match->listing) ==
	       CONF_LISTING_ON;
}

bool
site_may_list(const struct site *site)
{
	return site->conf->listing == CONF_LISTING_ON || site->listing_on != 0;
}

struct site *
sites_make(const struct conf *conf, const int *root_fds)
{
	struct site *sites = calloc(conf->nsites, sizeof(*sites));

	for (unsigned i = 0; sites != NULL && i < conf->nsites; i++)
		if (site_init(&sites[i], &conf->sites[i], root_fds[i]) == -1)
			sites_free(&sites, conf->nsites);
	return sites;
}

void
sites_free(struct site **sitesp, unsigned nsites)
{
	for (unsigned i = 0; *sitesp != NULL && i < nsites; i++)
		site_fini(&(*sitesp)[i]);
	free(*sitesp);
	*sitesp = NULL;
}
