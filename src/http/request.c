/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scan goes once over every byte, line by line, and finds all that is
 * wrong in the order of the bytes; what it refuses does not depend on what
 * comes later, so splitting cannot change it.  http-parser sees the head only
 * when it is complete, and has the last word: see request_judge().
 */
#include "http/request.h"

#include <endian.h>
#include <http_parser.h>

#include "http/memo.h"
#include "http/request_field.h"
#include "http/request_line.h"

#define REQUEST_TLS_HANDSHAKE 0x16 /* first byte of a TLS record */

void
request_init(struct request *request)
{
	memset(request, 0, offsetof(struct request, more));
}

static void
request_move_span(struct span *span, const char *from, const char *to)
{
	if (span->ptr != NULL)
		span->ptr = to + (span->ptr - from);
}

/* The bytes moved since the last call: so must what points at them. */
static void
request_move(struct request *request, const char *to)
{
	const char *from = request->data;

	request_move_span(&request->line, from, to);
	request_move_span(&request->path, from, to);
	request_move_span(&request->query, from, to);
	request_move_span(&request->host, from, to);
	for (unsigned i = 0; i < FIELD_COUNT; i++)
		request_move_span(&request->value[i], from, to);
	for (unsigned i = 0; i < request->nmore; i++)
		request_move_span(&request->more[i].value, from, to);
}

bool
request_next_value(const struct request *request, enum field field,
    unsigned *iter, struct span *value)
{
	unsigned i = *iter;

	if (i == 0) {
		*iter = 1;
		*value = request->value[field];
		return value->ptr != NULL;
	}
	for (; i <= request->nmore; i++) {
		if (request->more[i - 1].field != field)
			continue;
		*iter = i + 1;
		*value = request->more[i - 1].value;
		return true;
	}
	*iter = i;
	return false;
}

struct span
request_find_value(const struct request *request, struct span name)
{
	struct span value = { 0 };
	size_t at = 0;

	(void)request_field_next(request, name, &at, &value);
	return value;
}

/* True when a list field holds the token, in any case. */
static bool
request_has_token(
    const struct request *request, enum field field, struct span token)
{
	struct span list, item;
	unsigned iter = 0;

	while (request_next_value(request, field, &iter, &list))
		while (span_next_item(&list, &item))
			if (span_equal_nocase(item, token))
				return true;
	return false;
}

/*
 * Only `chunked` itself is a transfer coding here.  Without it at the end the
 * length is unknown: 400 (RFC 9112 6.3); in front of it another coding may
 * stand that we do not know: 501 (6.1).
 */
static enum verdict
request_check_coding(const struct request *request)
{
	struct span chunked = SPAN("chunked");
	struct span list, item, last = SPAN("");
	unsigned iter = 0, ncodings = 0, nchunked = 0;

	while (request_next_value(
	    request, FIELD_TRANSFER_ENCODING, &iter, &list)) {
		/* An empty element is a disguise, not a coding. */
		if (list.len == 0 || *list.ptr == ',' ||
		    list.ptr[list.len - 1] == ',')
			return VERDICT_BAD_TRANSFER_ENCODING;
		while (span_next_item(&list, &item)) {
			ncodings++;
			nchunked += span_equal_nocase(item, chunked);
			last = item;
		}
	}
	if (nchunked != 1 || !span_equal_nocase(last, chunked))
		return VERDICT_BAD_TRANSFER_ENCODING;
	return ncodings == 1 ? VERDICT_OK : VERDICT_UNKNOWN_CODING;
}

static enum verdict
request_check_framing(struct request *request)
{
	if (request->value[FIELD_TRANSFER_ENCODING].ptr == NULL)
		return VERDICT_OK;
	if (request->minor == 0)
		return VERDICT_CHUNKED_ON_HTTP10;
	if (request->value[FIELD_CONTENT_LENGTH].ptr != NULL)
		return VERDICT_LENGTH_AND_CHUNKED;
	request->chunked = true;
	return request_check_coding(request);
}

/* Expect is ignored in HTTP/1.0 (RFC 9110 10.1.1). */
static enum verdict
request_check_expect(struct request *request)
{
	struct span list, item;
	unsigned iter = 0;

	if (request->minor == 0)
		return VERDICT_OK;
	while (request_next_value(request, FIELD_EXPECT, &iter, &list)) {
		while (span_next_item(&list, &item)) {
			if (!span_equal_nocase(item, SPAN("100-continue")))
				return VERDICT_BAD_EXPECT;
			request->expect_continue = true;
		}
	}
	return VERDICT_OK;
}

/* Persistence (RFC 9112 9.3): close wins over keep-alive. */
static bool
request_wants_persistence(const struct request *request)
{
	if (request->value[FIELD_CONNECTION].ptr == NULL)
		return request->minor == 1;
	if (request_has_token(request, FIELD_CONNECTION, SPAN("close")))
		return false;
	return request->minor == 1 ||
	       request_has_token(request, FIELD_CONNECTION, SPAN("keep-alive"));
}

struct judge {
	const struct request *request;
	bool agrees;
};

/* http-parser has read the head: did it see the same message as we did? */
static int
on_headers_complete(http_parser *parser)
{
	struct judge *judge = parser->data;
	const struct request *request = judge->request;
	bool has_length = request->value[FIELD_CONTENT_LENGTH].ptr != NULL;
	uint64_t length = has_length ? request->content_length : UINT64_MAX;

	judge->agrees = parser->http_major == 1 &&
			(parser->http_minor > 0) == request->minor &&
			parser->content_length == length &&
			((parser->flags & F_CHUNKED) != 0) == request->chunked;
	/* We never upgrade; 1 says that no body follows in these bytes. */
	parser->upgrade = 0;
	return 1;
}

static enum verdict
request_judge_error(enum http_errno error)
{
	static const struct {
		enum http_errno error;
		enum verdict verdict;
	} rows[] = {
		{ HPE_INVALID_METHOD, VERDICT_UNKNOWN_METHOD },
		{ HPE_INVALID_CONTENT_LENGTH, VERDICT_BAD_CONTENT_LENGTH },
		/* It takes a name that begins so for Transfer-Encoding. */
		{ HPE_UNEXPECTED_CONTENT_LENGTH, VERDICT_LENGTH_AND_CHUNKED },
		{ HPE_HEADER_OVERFLOW, VERDICT_HEAD_TOO_LARGE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].error == error)
			return rows[i].verdict;
	return VERDICT_PARSER;
}

/*
 * http-parser reads the whole head.  It knows which methods exist, and where
 * it differs from us about version or framing nobody is right.
 */
static enum verdict
request_judge(const struct request *request)
{
	static const http_parser_settings settings = {
		.on_headers_complete = on_headers_complete,
	};
	struct judge judge = { .request = request };
	http_parser parser;
	size_t nread;

	http_parser_init(&parser, HTTP_REQUEST);
	parser.data = &judge;
	nread = http_parser_execute(
	    &parser, &settings, request->data, request->head_len);
	if (HTTP_PARSER_ERRNO(&parser) != HPE_OK)
		return request_judge_error(HTTP_PARSER_ERRNO(&parser));
	if (nread != request->head_len || !judge.agrees)
		return VERDICT_PARSER;
	return VERDICT_OK;
}

/* The head is complete: what only all its lines together can tell. */
static enum verdict
request_finish(struct request *request)
{
	enum verdict verdict;

	request->head_len = request->line_start;
	if (request->minor == 1 && request->value[FIELD_HOST].ptr == NULL)
		return VERDICT_MISSING_HOST;
	verdict = request_check_framing(request);
	if (verdict == VERDICT_OK)
		verdict = request_check_expect(request);
	if (verdict == VERDICT_OK)
		verdict = request_judge(request);
	if (request->form == TARGET_ABSOLUTE && request->path.len == 0)
		request->path = SPAN("/");
	request->keep_alive = request_wants_persistence(request);
	return verdict;
}

/* The first control byte, or end.  Sixteen bytes at a time. */
static const char *
request_find_control(const char *p, const char *end)
{
	typedef unsigned char bytes __attribute__((vector_size(16)));

	while (end - p >= (ptrdiff_t)sizeof(bytes)) {
		uint64_t half[2];
		bytes in, hits;

		memcpy(&in, p, sizeof(in));
		hits = (bytes)(in < 0x20) | (bytes)(in == 0x7f);
		memcpy(half, &hits, sizeof(half));
		if (half[0] != 0)
			return p + __builtin_ctzll(le64toh(half[0])) / 8;
		if (half[1] != 0)
			return p + 8 + __builtin_ctzll(le64toh(half[1])) / 8;
		p += sizeof(in);
	}
	while (p < end && (unsigned char)*p >= 0x20 && *p != 0x7f)
		p++;
	return p;
}

/* A control byte that is no line end, or a line end that is not whole. */
static enum verdict
request_refuse_control(
    const struct request *request, const char *line, const char *p)
{
	if (*p == '\r' || *p == '\n')
		return VERDICT_BAD_LINE_ENDING;
	if (request->line.ptr == NULL)
		return VERDICT_BAD_REQUEST_LINE;
	if (memchr(line, ':', (size_t)(p - line)) == NULL)
		return VERDICT_BAD_FIELD_NAME;
	return VERDICT_BAD_FIELD_VALUE;
}

/* Takes a complete line; *end is its CR. */
static enum verdict
request_take_line(struct request *request, const struct request_limits *limits,
    const char *line, const char *end)
{
	if (request->line.ptr == NULL && line < end)
		return request_line_parse(request, line, end);
	/* One empty line before the request is ignored (RFC 9112 2.2). */
	if (request->line.ptr == NULL)
		return line == request->data ? VERDICT_OK
					     : VERDICT_BAD_REQUEST_LINE;
	if (line == end)
		return request_finish(request);
	if (++request->nfields > limits->nfields)
		return VERDICT_TOO_MANY_FIELDS;
	return request_field_parse(request, line, end);
}

/* Is the line, of which bytes have come, too long already? */
static enum verdict
request_check_len(const struct request *request,
    const struct request_limits *limits, const char *line, size_t *len)
{
	if (request->line.ptr == NULL)
		return request_line_check_len(limits, line, len);
	return *len > limits->field_bytes ? VERDICT_FIELD_TOO_LARGE
					  : VERDICT_OK;
}

/* Refuses, and keeps for the log what came of the request line. */
static enum request_result
request_refuse(struct request *request, enum verdict verdict, size_t len)
{
	request->verdict = verdict;
	if (request->line.ptr == NULL && len > 0)
		request->line =
		    (struct span){ request->data + request->line_start, len };
	return REQUEST_REFUSED;
}

/* Requests whose fields mean the same whatever their request line says. */
static bool
request_is_common(const struct request *request)
{
	return request->minor == 1 && request->form == TARGET_ORIGIN &&
	       (request->method == METHOD_GET ||
		   request->method == METHOD_HEAD);
}

/*
 * Behind the request line: is all that follows known already?  Then http-parser
 * need not judge it again, nor a line that is GET or HEAD and passed our check,
 * which is stricter than its own.
 */
static bool
request_recall(struct request *request, const struct request_limits *limits,
    const char *end)
{
	const char *block = request->data + request->line_start;
	size_t len;

	if (limits->memo == NULL || request->line.ptr == NULL ||
	    request->nfields > 0 || !request_is_common(request))
		return false;
	len = memo_find(limits->memo, request, block, (size_t)(end - block));
	if (len == 0)
		return false;
	request->head_len = request->line_start + len;
	request->scanned = request->head_len;
	request->line_start = request->head_len;
	return true;
}

static void
request_remember(
    const struct request *request, const struct request_limits *limits)
{
	const char *block = request->line.ptr + request->line.len + 2;

	if (limits->memo != NULL && request_is_common(request))
		memo_keep(limits->memo, request, block,
		    (size_t)(request->data + request->head_len - block));
}

static enum request_result
request_scan(struct request *request, const struct request_limits *limits,
    const char *end)
{
	const char *p = request->data + request->scanned;

	while (request->head_len == 0) {
		const char *line = request->data + request->line_start;
		enum verdict verdict;
		size_t len;

		p = request_find_control(p, end);
		len = (size_t)(p - line);
		verdict = request_check_len(request, limits, line, &len);
		if (verdict != VERDICT_OK)
			return request_refuse(request, verdict, len);
		request->scanned = (size_t)(p - request->data);
		if (p == end || (*p == '\r' && p + 1 == end))
			return REQUEST_MORE;
		if (*p == '\t' && request->line.ptr != NULL) {
			p++;
			continue;
		}
		if (*p != '\r' || p[1] != '\n') {
			verdict = request_refuse_control(request, line, p);
			return request_refuse(request, verdict, len);
		}
		request->line_start = (size_t)(p + 2 - request->data);
		verdict = request_take_line(request, limits, line, p);
		if (verdict != VERDICT_OK)
			return request_refuse(request, verdict, 0);
		if (request_recall(request, limits, end))
			return REQUEST_DONE;
		p += 2;
	}
	request_remember(request, limits);
	return REQUEST_DONE;
}

enum request_result
request_feed(struct request *request, const struct request_limits *limits,
    const char *data, size_t len)
{
	size_t most = len < limits->head_bytes ? len : limits->head_bytes;
	enum request_result result;

	if (len == 0)
		return REQUEST_MORE;
	if (request->data != data && request->scanned > 0)
		request_move(request, data);
	request->data = data;
	if (*data == REQUEST_TLS_HANDSHAKE)
		return request_refuse(request, VERDICT_TLS_HELLO, 0);
	result = request_scan(request, limits, data + most);
	if (result == REQUEST_MORE && len >= limits->head_bytes)
		return request_refuse(request, VERDICT_HEAD_TOO_LARGE,
		    request->scanned - request->line_start);
	return result;
}
