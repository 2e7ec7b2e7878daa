/* SPDX-License-Identifier: BSD-2-Clause */
/* Which path is looked up for the one that was asked for ([rewrite]). */
#ifndef SERVE_REWRITE_H
#define SERVE_REWRITE_H

#include "serve/resource.h"

/*
 * The path that is looked up for asked: itself, or what a rule makes of it,
 * once, written to out of RESOURCE_PATH_BYTES.  The zero span when that does
 * not fit.
 */
struct span rewrite_path(const struct site *site, struct span asked, char *out);

/*
 * True when a client that is sent to path is not sent on, and looked is then
 * looked up; scratch has RESOURCE_PATH_BYTES.
 */
bool rewrite_leads_to(const struct site *site, struct span path,
    struct span looked, char *scratch);

#endif
