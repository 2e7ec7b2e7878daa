/* SPDX-License-Identifier: BSD-2-Clause */
/* One field line (RFC 9112 5), and what its field may be. */
#ifndef HTTP_REQUEST_FIELD_H
#define HTTP_REQUEST_FIELD_H

#include "http/request.h"

/*
 * Reads the line from line to end, where its CR stands, into *request, or says
 * what is wrong.  A well-formed field that nobody reads leaves no trace.
 */
enum verdict request_field_parse(
    struct request *request, const char *line, const char *end);

/*
 * The values of any field, one a call, looked for in the head; *at starts at
 * 0.  False when there are no more, or the head was refused.
 */
bool request_field_next(const struct request *request, struct span name,
    size_t *at, struct span *value);

#endif
