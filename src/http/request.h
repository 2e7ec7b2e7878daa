/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From bytes to a request: http-parser, and the framing rules it leaves open.
 *
 * Debian's http-parser is the lenient build, so before a line reaches it we
 * check what it would let pass: line endings, folds, names, versions, Host,
 * length against chunked (RFC 9112).  Pure: no I/O, no allocation, and the
 * answer depends on the bytes alone, never on how they were split.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/span.h"
#include "http/verdict.h"

enum method {
	METHOD_GET,
	METHOD_HEAD,
	METHOD_OPTIONS,
	METHOD_TRACE,
	METHOD_CONNECT,
	METHOD_OTHER, /* known, and not for static files: 405 */
};

/* The four forms of a target (RFC 9112 3.2). */
enum target_form {
	TARGET_ORIGIN,
	TARGET_ABSOLUTE,
	TARGET_AUTHORITY,
	TARGET_ASTERISK,
};

/* The fields that somebody here reads. */
enum field {
	FIELD_ACCEPT,
	FIELD_ACCEPT_ENCODING,
	FIELD_API_KEY,
	FIELD_AUTHORIZATION,
	FIELD_CONNECTION,
	FIELD_CONTENT_LENGTH,
	FIELD_EXPECT,
	FIELD_HOST,
	FIELD_IF_MATCH,
	FIELD_IF_MODIFIED_SINCE,
	FIELD_IF_NONE_MATCH,
	FIELD_IF_RANGE,
	FIELD_IF_UNMODIFIED_SINCE,
	FIELD_ORIGIN,
	FIELD_RANGE,
	FIELD_REFERER,
	FIELD_TRANSFER_ENCODING,
	FIELD_USER_AGENT,
	FIELD_COUNT,
};

/* Repeats of list fields that are remembered; more are refused. */
#define REQUEST_MORE_VALUES 16

struct memo;

struct request_limits {
	size_t head_bytes;   /* request line, fields and the empty line */
	size_t target_bytes; /* the request target */
	size_t field_bytes;  /* one field line without its CR LF */
	unsigned nfields;    /* field lines */
	struct memo *memo;   /* what was parsed before; NULL: nothing is kept */
};

struct request {
	/* Where the scan stands; see request_feed(). */
	const char *data; /* of the last call: all spans point into it */
	size_t scanned;
	size_t line_start;
	unsigned nfields;

	/* All below is valid once request_feed() said DONE. */
	enum method method;
	enum target_form form;
	unsigned minor;    /* of HTTP/1.minor: 0 or 1, which higher ones mean */
	struct span line;  /* the request line; also after a refusal, or zero */
	struct span path;  /* as sent, from its first '/'; "/" when empty;
			      zero unless the form is origin or absolute */
	struct span query; /* with its '?', zero when there is none */
	struct span host;  /* without port, from target or Host; zero: none */
	struct span value[FIELD_COUNT]; /* first value, trimmed; zero: absent */
	uint64_t content_length; /* 0 when there is no body, or chunked */
	bool chunked;
	bool keep_alive;      /* the client lets us keep the connection */
	bool expect_continue; /* Expect: 100-continue (RFC 9110 10.1.1) */
	size_t head_len;      /* bytes of the head, its empty line included */
	enum verdict verdict; /* the reason, after REQUEST_REFUSED */

	/* Further values of list fields; last, as it need not be cleared. */
	unsigned nmore;
	struct {
		enum field field;
		struct span value;
	} more[REQUEST_MORE_VALUES];
};

enum request_result {
	REQUEST_MORE,    /* the head is not complete yet */
	REQUEST_DONE,    /* it is, and *request describes it */
	REQUEST_REFUSED, /* request->verdict says why; close after the answer */
};

/* Makes *request ready for the first byte of a request.  Cheap. */
void request_init(struct request *request);

/*
 * Looks at the first len bytes of a request, all that have come so far: call
 * it again with more until it says other than MORE.  The bytes may move
 * between two calls and must not move after DONE: spans point into them.
 */
enum request_result request_feed(struct request *request,
    const struct request_limits *limits, const char *data, size_t len);

/*
 * The values of a field, one a call; *iter starts at 0.  Returns false when
 * there are no more.  A list field may have come on several lines.
 */
bool request_next_value(const struct request *request, enum field field,
    unsigned *iter, struct span *value);

/*
 * The first value of any field, looked for in the head; zero: absent, or the
 * head was refused.  For those that are rarely wanted.
 */
struct span request_find_value(const struct request *request, struct span name);

#endif
