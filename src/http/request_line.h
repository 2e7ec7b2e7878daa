/* SPDX-License-Identifier: BSD-2-Clause */
/* The request line (RFC 9112 3): method, target and version. */
#ifndef HTTP_REQUEST_LINE_H
#define HTTP_REQUEST_LINE_H

#include "http/request.h"

/*
 * Judges the first *len bytes of a request line that need not be complete:
 * VERDICT_OK, or why it is too long already; *len is then the bytes that
 * were enough to know.
 */
enum verdict request_line_check_len(
    const struct request_limits *limits, const char *line, size_t *len);

/*
 * Reads the line from line to end, where its CR stands: fills method, form,
 * minor, line, path, query and host, or says what is wrong.
 */
enum verdict request_line_parse(
    struct request *request, const char *line, const char *end);

#endif
