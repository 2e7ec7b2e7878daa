/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The framing of a request body that nobody wants (RFC 9112 6 and 7).
 *
 * A static server reads a body only to find where the next request begins.
 * Strict and ours: http-parser's lenient build takes a chunk that does not end
 * in CR LF.  Pure, O(1) memory; chunk extensions and trailers are checked for
 * form and thrown away.
 */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include "http/request.h"

struct body {
	uint64_t left;  /* of the length, or of the chunk at hand */
	uint64_t total; /* wire bytes consumed so far */
	uint64_t max;   /* most wire bytes taken before BODY_TOO_LARGE */
	int state;
	size_t line_len; /* of the chunk-size or trailer line at hand */
	enum verdict verdict;
};

enum body_result {
	BODY_MORE,
	BODY_DONE,
	BODY_REFUSED, /* body->verdict says why */
};

/* Makes *body ready for the bytes that follow the request's head. */
void body_init(struct body *body, const struct request *request, uint64_t max);

/* Takes up to len bytes; *used says how many belonged to the body. */
enum body_result body_feed(
    struct body *body, const char *data, size_t len, size_t *used);

#endif
