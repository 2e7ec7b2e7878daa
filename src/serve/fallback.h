/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file for paths where nothing is, as an application has them that draws
 * its pages itself.  It is for navigations alone: what a page is missing must
 * not become a page.
 */
#ifndef SERVE_FALLBACK_H
#define SERVE_FALLBACK_H

#include "http/request.h"
#include "serve/site.h"

/* Most bytes of the field lines below. */
#define FALLBACK_FIELD_BYTES 64

/* Whether the file was thought of for a request. */
enum fallback {
	FALLBACK_UNASKED,
	FALLBACK_REFUSED, /* nobody went to a page */
	FALLBACK_SERVED,
};

/*
 * The path of the file for a request that the sections of matched are for; the
 * zero span when there is none.
 */
struct span fallback_path(const struct site *site, uint64_t matched);

/* True when no name of a file can be the last segment of path: it has no dot.
 */
bool fallback_may_be_page(struct span path);

/*
 * True when the request looks like that of a browser which goes somewhere: of
 * Sec-Fetch-Mode "navigate", or with Accept for HTML, or for anything at all.
 */
bool fallback_is_navigation(const struct request *request);

/*
 * Writes the field lines of an answer that was decided so: Vary and, with the
 * file itself, Cache-Control if no section of matched says something of that.
 * Returns their length.
 */
size_t fallback_write_fields(
    const struct site *site, uint64_t matched, bool with_file, char *out);

/* True for one of these lines, without its CR LF. */
bool fallback_has_field(struct span line);

#endif
