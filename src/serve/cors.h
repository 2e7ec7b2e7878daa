/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which pages may read an answer (the CORS protocol of the Fetch standard).
 *
 * It is the browser that keeps others from reading; an answer only tells it.
 */
#ifndef SERVE_CORS_H
#define SERVE_CORS_H

#include "conf/cors_lines.h"
#include "http/request.h"

/* True when the pages of the origin that the request names may read. */
bool cors_allows(const struct conf_cors *cors, const struct request *request);

/* Writes the fields of an answer; returns their length, cors->bytes at most. */
size_t cors_write(
    const struct conf_cors *cors, const struct request *request, char *out);

#endif
