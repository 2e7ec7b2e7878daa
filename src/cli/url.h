/* SPDX-License-Identifier: BSD-2-Clause */
/* A URL on the command line. */
#ifndef CLI_URL_H
#define CLI_URL_H

#include "core/span.h"

/* A URL taken apart, as a client does; the spans are of the URL. */
struct url_parts {
	struct span host;   /* with its port; zero: there is none */
	struct span target; /* without a fragment; its slash may be missing */
};

/* http://HOST[:PORT]/PATH, or a path alone.  0, or -1 when it is neither. */
int url_split(const char *url, struct url_parts *parts);

/*
 * The head of a GET with these fields, and Host unless it is one of them, which
 * the caller frees; NULL with errno.
 */
char *url_write_request(const struct url_parts *parts,
    const char *const *fields, unsigned nfields, size_t *len);

#endif
