/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The head of a response, from a value to bytes (RFC 9112 4).
 *
 * serve fills a struct response, conn has it written into the output buffer.
 * What does not change from request to request comes as ready text.
 */
#ifndef HTTP_RESPONSE_H
#define HTTP_RESPONSE_H

#include <stdint.h>

#include "core/bufpool.h"
#include "core/span.h"
#include "http/date.h"
#include "http/range.h"

/* The methods of a static site, as Allow lists them (RFC 9110 10.2.1). */
#define RESPONSE_METHODS "GET, HEAD, OPTIONS"

enum response_connection {
	RESPONSE_PERSIST,    /* HTTP/1.1 and kept: no Connection field */
	RESPONSE_KEEP_ALIVE, /* HTTP/1.0 and kept: say so */
	RESPONSE_CLOSE,      /* the last one on this connection */
};

struct response {
	int status;
	enum response_connection connection;
	struct span fields;     /* ready field lines, each with its CR LF */
	struct span type;       /* Content-Type; zero: left out */
	struct span location;   /* Location; zero: left out */
	struct span allow;      /* Allow; zero: left out */
	struct span extra;      /* more of them, likewise */
	struct span challenge;  /* ready WWW-Authenticate lines, likewise */
	struct span request_id; /* X-Request-Id; zero: left out */
	uint64_t length;        /* Content-Length */
	uint64_t retry_after_s; /* Retry-After; 0: left out */
	bool has_length;        /* false: no Content-Length (204, 304) */
	bool chunked;           /* Transfer-Encoding in its place */
	bool has_content_range; /* 206: range of total; 416: "*" of total */
	struct range range;
	uint64_t total;
};

/* What every head of one second shares. */
struct response_common {
	char date[DATE_IMF_LEN];
	struct span server; /* Server; zero: left out */
};

/*
 * Appends the head to buf.  Returns 0, or -1 when it does not fit: buf is then
 * as it was.  A head is at most RESPONSE_HEAD_BYTES plus its spans.
 */
int response_write_head(struct buf *buf, const struct response *response,
    const struct response_common *common);
#define RESPONSE_HEAD_BYTES 512

/* "Not Found" for 404; "Unknown" for a code that is not in the table. */
struct span response_reason(int status);

/*
 * The built-in HTML page of a status of 300 and above.  Static text: nothing
 * of the request is in it.  Type: RESPONSE_PAGE_TYPE.
 */
struct span response_page(int status);
#define RESPONSE_PAGE_TYPE SPAN("text/html; charset=utf-8")

/* What a Content-Security-Policy calls the one style that a page has. */
#define RESPONSE_STYLE_HASH                                                    \
	"'sha256-cxLvl4aMzaanZfpwET9NGe2v7Cewyqw5eIpjV3JaaQI='"

#endif
