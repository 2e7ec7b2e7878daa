/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/hosts.h"

#include <stdlib.h>

#include "core/hash.h"

/* No host that a name could match is longer. */
#define HOSTS_HOST_BYTES 256

/* The place of a key in the table, or a free one for it. */
static struct hosts_name *
hosts_place(const struct hosts *hosts, struct span key, uint32_t hash)
{
	uint32_t at = hash & hosts->mask;

	for (;;) {
		struct hosts_name *name = &hosts->names[at];

		if (name->key.len == 0 ||
		    (name->hash == hash && span_equal(name->key, key)))
			return name;
		at = (at + 1) & hosts->mask;
	}
}

static unsigned
hosts_count_labels(struct span suffix)
{
	unsigned n = 0;

	for (size_t i = 0; i < suffix.len; i++)
		n += suffix.ptr[i] == '.';
	return n;
}

static void
hosts_add(struct hosts *hosts, const struct site *site, const char *text,
    bool renamed)
{
	bool star = text[0] == '*';
	struct span key = span_of(text + star);
	struct hosts_name *name;
	uint32_t hash;

	if (star && hosts->wildcard_labels < hosts_count_labels(key))
		hosts->wildcard_labels = hosts_count_labels(key);
	hash = hash_bytes(hosts->hash_key, key.ptr, key.len);
	name = hosts_place(hosts, key, hash);
	if (name->key.len > 0)
		return; /* the first has it */
	*name = (struct hosts_name){ key, hash, renamed ? NULL : site,
		renamed ? site : NULL };
	hosts->nnames++;
}

static void
hosts_add_list(struct hosts *hosts, const struct site *site,
    const struct conf_list *list, bool renamed)
{
	for (unsigned i = 0; i < list->nitems; i++)
		hosts_add(hosts, site, list->items[i], renamed);
}

int
hosts_init(struct hosts *hosts, const struct site *sites, unsigned nsites)
{
	size_t n = 0, nplaces = 1;

	*hosts = (struct hosts){ .hash_key = hash_draw_key() };
	if (nsites > 0 && !sites[0].conf->hosts_only)
		hosts->other = &sites[0];
	for (unsigned i = 0; i < nsites; i++)
		n += sites[i].conf->hosts.nitems +
		     sites[i].conf->redirect_hosts.nitems;
	while (nplaces < 2 * n)
		nplaces *= 2;
	hosts->names = calloc(nplaces, sizeof(*hosts->names));
	if (hosts->names == NULL)
		return -1;
	hosts->mask = (uint32_t)nplaces - 1;
	for (unsigned i = 0; i < nsites; i++) {
		hosts_add_list(hosts, &sites[i], &sites[i].conf->hosts, false);
		hosts_add_list(
		    hosts, &sites[i], &sites[i].conf->redirect_hosts, true);
	}
	return 0;
}

static const struct hosts_name *
hosts_look(const struct hosts *hosts, struct span key)
{
	uint32_t hash = hash_bytes(hosts->hash_key, key.ptr, key.len);
	const struct hosts_name *name = hosts_place(hosts, key, hash);

	return name->key.len == 0 ? NULL : name;
}

/* The longest name behind a star; a label at least stands for the star. */
static const struct hosts_name *
hosts_find_wildcard(const struct hosts *hosts, struct span host)
{
	unsigned nlabels = hosts_count_labels(host);

	for (size_t i = 0; i < host.len; i++) {
		const struct hosts_name *name;

		if (host.ptr[i] != '.')
			continue;
		if (i > 0 && nlabels <= hosts->wildcard_labels) {
			name = hosts_look(
			    hosts, (struct span){ host.ptr + i, host.len - i });
			if (name != NULL)
				return name;
		}
		nlabels--;
	}
	return NULL;
}

/* Copies a host in lower case; true when it had a capital. */
static bool
hosts_lower(char *out, struct span host)
{
	bool changed = false;

	for (size_t i = 0; i < host.len; i++) {
		unsigned char c = (unsigned char)host.ptr[i];
		bool capital = (unsigned)(c - 'A') < 26;

		out[i] = (char)(capital ? c + ('a' - 'A') : c);
		changed |= capital;
	}
	return changed;
}

const struct hosts_name *
hosts_find(const struct hosts *hosts, struct span host)
{
	char lower[HOSTS_HOST_BYTES];
	const struct hosts_name *name;

	/* What DNS calls absolute is the same host (RFC 3986 3.2.2). */
	if (host.len > 0 && host.ptr[host.len - 1] == '.')
		host.len--;
	if (host.len == 0 || host.len > sizeof(lower) || *host.ptr == '.')
		return NULL;
	/* As it is first: nearly all clients send lower case. */
	name = hosts_look(hosts, host);
	if (name != NULL)
		return name;
	if (hosts_lower(lower, host)) {
		host.ptr = lower;
		name = hosts_look(hosts, host);
	}
	if (name == NULL && hosts->wildcard_labels > 0)
		name = hosts_find_wildcard(hosts, host);
	return name;
}

const struct site *
hosts_renamed(const struct hosts *hosts, struct span host)
{
	const struct hosts_name *name = hosts_find(hosts, host);

	return name == NULL ? NULL : name->renamed;
}

void
hosts_fini(struct hosts *hosts)
{
	free(hosts->names);
	hosts->names = NULL;
}
