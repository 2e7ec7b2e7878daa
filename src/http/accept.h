/* SPDX-License-Identifier: BSD-2-Clause */
/* What the client prefers (RFC 9110 12.5.1, 12.5.3). */
#ifndef HTTP_ACCEPT_H
#define HTTP_ACCEPT_H

#include "http/coding.h"
#include "http/request.h"

/*
 * Picks from available (bit 1u << coding; identity is always there) the coding
 * with the highest q; of equals the one that comes first in order[], an array
 * of CODING_COUNT.  Identity when nothing else is acceptable.  x-gzip is gzip.
 */
enum coding accept_pick(const struct request *request, unsigned available,
    const enum coding order[CODING_COUNT]);

/*
 * True when Accept names this media type and gives nothing else a higher q.
 * A range as application/star is no name: whoever sends it takes the default.
 */
bool accept_asks_for(const struct request *request, struct span type);

#endif
