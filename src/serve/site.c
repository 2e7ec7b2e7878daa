/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/site.h"

const struct site *
site_match(const struct site *sites, unsigned nsites, struct span host)
{
	for (unsigned i = 0; i < nsites; i++) {
		const struct conf_list *hosts = &sites[i].conf->hosts;

		for (unsigned j = 0; j < hosts->nitems; j++)
			if (span_equal_nocase(host, span_of(hosts->items[j])))
				return &sites[i];
	}
	return &sites[0];
}

bool
site_path_hidden(struct span path)
{
	static const char dot[] = "/.";
	const struct span allowed = SPAN("/.well-known/");

	if (span_starts_with(path, allowed)) {
		path.ptr += allowed.len - 1;
		path.len -= allowed.len - 1;
	}
	return memmem(path.ptr, path.len, dot, sizeof(dot) - 1) != NULL;
}
