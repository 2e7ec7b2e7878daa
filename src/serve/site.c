/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/site.h"

#include <errno.h>
#include <stdlib.h>

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

int
site_init(struct site *site, const struct conf_site *conf, int root_fd)
{
	const struct conf_list *words = &conf->precompressed;
	unsigned n = 0;

	*site = (struct site){ .conf = conf, .root_fd = root_fd };
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

bool
site_path_hidden(struct span path)
{
	const struct span allowed = SPAN("/.well-known/");
	const char *end = path.ptr + path.len;
	const char *slash = path.ptr;

	if (span_starts_with(path, allowed))
		slash += allowed.len - 1;
	while (slash != NULL) {
		const char *name = slash + 1;

		if (name < end && *name == '.')
			return true;
		slash = memchr(name, '/', (size_t)(end - name));
	}
	return false;
}
