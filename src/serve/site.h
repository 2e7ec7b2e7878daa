/* SPDX-License-Identifier: BSD-2-Clause */
/* Which site answers a host, and which paths it never shows. */
#ifndef SERVE_SITE_H
#define SERVE_SITE_H

#include <stdbool.h>

#include "conf/conf.h"
#include "core/span.h"

struct site {
	const struct conf_site *conf;
	int root_fd; /* borrowed: whoever opened it closes it */
};

/*
 * The site that names host (without port, any case), or sites[0], the default
 * site, when none does.
 */
const struct site *site_match(
    const struct site *sites, unsigned nsites, struct span host);

/*
 * True when a decoded path has a component that begins with a dot, other than
 * a leading ".well-known" (RFC 8615): such files are not served.
 */
bool site_path_hidden(struct span path);

#endif
