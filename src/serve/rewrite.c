/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/rewrite.h"

#include "conf/pathset.h"

struct span
rewrite_path(const struct site *site, struct span asked, char *out)
{
	struct span text;
	const struct pathrule *rule =
	    pathset_find(site->conf->rewrites, asked, &text);
	size_t len;

	if (rule == NULL)
		return asked;
	len = pathrule_write_path(rule, text, out, RESOURCE_PATH_BYTES);
	return (struct span){ len == 0 ? NULL : out, len };
}

bool
rewrite_leads_to(const struct site *site, struct span path, struct span looked,
    char *scratch)
{
	struct span text;

	return pathset_find(site->conf->redirects, path, &text) == NULL &&
	       span_equal(rewrite_path(site, path, scratch), looked);
}
