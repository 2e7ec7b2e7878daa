/* SPDX-License-Identifier: BSD-2-Clause */
/* Which content coding the client prefers (RFC 9110 12.5.3). */
#ifndef HTTP_ACCEPT_H
#define HTTP_ACCEPT_H

#include "http/request.h"

enum coding {
	CODING_IDENTITY,
	CODING_BR,
	CODING_ZSTD,
	CODING_GZIP,
	CODING_COUNT,
};

/*
 * Picks from available (bit 1u << coding; identity is always there) the coding
 * with the highest q; of equals the one that comes first in order[], an array
 * of CODING_COUNT.  Identity when nothing else is acceptable.  x-gzip is gzip.
 */
enum coding accept_pick(const struct request *request, unsigned available,
    const enum coding order[CODING_COUNT]);

/* The token for Content-Encoding; "identity" is never sent. */
struct span coding_name(enum coding coding);

/* The ending of a sidecar file: ".br". */
struct span coding_suffix(enum coding coding);

#endif
