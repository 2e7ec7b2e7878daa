/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The text between the ranges of a multipart/byteranges body (RFC 9110 14.6).
 *
 *   --B CRLF fields CRLF CRLF range CRLF --B CRLF fields ... CRLF --B-- CRLF
 */
#ifndef HTTP_MULTIPART_H
#define HTTP_MULTIPART_H

#include "core/bufpool.h"
#include "http/range.h"

/* Most bytes of one piece of text, without the media type. */
#define MULTIPART_TEXT_BYTES 256

/* Length of a boundary. */
#define MULTIPART_BOUNDARY_LEN 24

struct multipart {
	struct span boundary;
	struct span type; /* Content-Type of each part */
	uint64_t total;   /* size of what the ranges are of */
};

/* Draws a boundary that no file can hold but by guessing 120 bits. */
void multipart_draw_boundary(char boundary[MULTIPART_BOUNDARY_LEN]);

/* Content-Length of the whole body. */
uint64_t multipart_length(const struct multipart *multipart,
    const struct range *ranges, unsigned nranges);

/*
 * Appends what comes before range number at, or what ends the body when at is
 * nranges.  Returns 0, or -1 when it does not fit: buf is then as it was.
 */
int multipart_write(struct buf *buf, const struct multipart *multipart,
    const struct range *ranges, unsigned nranges, unsigned at);

#endif
