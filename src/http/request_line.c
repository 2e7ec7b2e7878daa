/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/request_line.h"

#include "http/chars.h"
#include "http/uri.h"

#define REQUEST_LINE_METHOD_MAX 32 /* longer than any that is registered */

static const struct {
	struct span name;
	enum method method;
} method_rows[] = {
	{ { "GET", 3 }, METHOD_GET },
	{ { "HEAD", 4 }, METHOD_HEAD },
	{ { "OPTIONS", 7 }, METHOD_OPTIONS },
	{ { "TRACE", 5 }, METHOD_TRACE },
	{ { "CONNECT", 7 }, METHOD_CONNECT },
};

static struct span
request_line_span(const char *start, const char *end)
{
	return (struct span){ start, (size_t)(end - start) };
}

/* Longer than any method that exists (RFC 9112 3), if it is one. */
static enum verdict
request_line_long_method(const char *line)
{
	for (unsigned i = 0; i <= REQUEST_LINE_METHOD_MAX; i++)
		if (!chars_is(line[i], CHARS_TOKEN))
			return VERDICT_BAD_METHOD;
	return VERDICT_UNKNOWN_METHOD;
}

/*
 * A method or a target that is too long is refused before its end has come:
 * by what was seen until then, so that splitting changes nothing.
 */
enum verdict
request_line_check_len(
    const struct request_limits *limits, const char *line, size_t *len)
{
	bool known = *len > REQUEST_LINE_METHOD_MAX;
	size_t most = known ? REQUEST_LINE_METHOD_MAX + 1 : *len;
	const char *space = memchr(line, ' ', most);
	size_t target;

	if (space == NULL) {
		*len = most;
		return known ? request_line_long_method(line) : VERDICT_OK;
	}
	target = *len - (size_t)(space + 1 - line);
	if (target <= limits->target_bytes ||
	    memchr(space + 1, ' ', limits->target_bytes + 1) != NULL)
		return VERDICT_OK;
	*len -= target - limits->target_bytes - 1;
	return VERDICT_TARGET_TOO_LONG;
}

/*
 * HTTP-version is HTTP/d.d, case-sensitive (RFC 9112 2.3).  A minor version
 * above ours means ours (RFC 9110 2.5).
 */
static enum verdict
request_line_parse_version(struct request *request, struct span version)
{
	static const char form[] = "HTTP/1.1";

	request->minor = 1;
	if (span_equal(version, SPAN("HTTP/1.1")))
		return VERDICT_OK;
	if (version.len != sizeof(form) - 1 || version.ptr[6] != '.' ||
	    memcmp(version.ptr, form, 5) != 0 || version.ptr[5] < '0' ||
	    version.ptr[5] > '9' || version.ptr[7] < '0' ||
	    version.ptr[7] > '9')
		return VERDICT_BAD_VERSION;
	if (version.ptr[5] != '1')
		return VERDICT_UNSUPPORTED_VERSION;
	request->minor = version.ptr[7] > '0';
	return VERDICT_OK;
}

static void
request_line_split_query(
    struct request *request, const char *path, const char *end)
{
	const char *query = memchr(path, '?', (size_t)(end - path));

	request->path = request_line_span(path, query == NULL ? end : query);
	if (query != NULL)
		request->query = request_line_span(query, end);
}

/* absolute-form: http or https, a host, no userinfo (RFC 9112 3.2.2). */
static enum verdict
request_line_parse_absolute(struct request *request, struct span target)
{
	const char *end = target.ptr + target.len;
	struct span port;
	const char *authority, *p;

	p = memchr(target.ptr, ':', target.len);
	if (p == NULL || end - p < 3 || memcmp(p, "://", 3) != 0)
		return VERDICT_BAD_TARGET;
	target.len = (size_t)(p - target.ptr);
	if (!span_equal_nocase(target, SPAN("http")) &&
	    !span_equal_nocase(target, SPAN("https")))
		return VERDICT_BAD_TARGET;
	authority = p += 3;
	while (p < end && *p != '/' && *p != '?')
		p++;
	if (!uri_split_host(
		request_line_span(authority, p), &request->host, &port) ||
	    request->host.len == 0)
		return VERDICT_BAD_TARGET;
	request->form = TARGET_ABSOLUTE;
	request_line_split_query(request, p, end);
	return VERDICT_OK;
}

/* authority-form, with a port that is not empty (RFC 9110 9.3.6). */
static enum verdict
request_line_parse_authority(struct request *request, struct span target)
{
	struct span port;

	request->form = TARGET_AUTHORITY;
	if (!uri_split_host(target, &request->host, &port) ||
	    request->host.len == 0 || port.len == 0)
		return VERDICT_BAD_TARGET;
	return VERDICT_OK;
}

static enum verdict
request_line_parse_target(struct request *request, struct span target)
{
	if (request->method == METHOD_CONNECT)
		return request_line_parse_authority(request, target);
	if (*target.ptr == '/') {
		request->form = TARGET_ORIGIN;
		request_line_split_query(
		    request, target.ptr, target.ptr + target.len);
		return VERDICT_OK;
	}
	if (span_equal(target, SPAN("*"))) {
		request->form = TARGET_ASTERISK;
		return request->method == METHOD_OPTIONS ? VERDICT_OK
							 : VERDICT_BAD_TARGET;
	}
	return request_line_parse_absolute(request, target);
}

static enum method
request_line_method(struct span name)
{
	for (size_t i = 0; i < sizeof(method_rows) / sizeof(*method_rows); i++)
		if (span_equal(name, method_rows[i].name))
			return method_rows[i].method;
	return METHOD_OTHER;
}

/* METHOD SP TARGET SP VERSION, single spaces (RFC 9112 3); *end is the CR. */
enum verdict
request_line_parse(struct request *request, const char *line, const char *end)
{
	const char *p = line;
	struct span target;
	enum verdict verdict;

	request->line = request_line_span(line, end);
	if (span_equal(request->line, SPAN("PRI * HTTP/2.0")))
		return VERDICT_HTTP2_PREFACE;
	/* The CR stops both loops: it belongs to neither class. */
	while (chars_is(*p, CHARS_TOKEN))
		p++;
	if (p != end && *p != ' ')
		return VERDICT_BAD_METHOD;
	if (p == end || p == line)
		return VERDICT_BAD_REQUEST_LINE;
	request->method = request_line_method(request_line_span(line, p));
	target.ptr = ++p;
	while (chars_is(*p, CHARS_TARGET))
		p++;
	target.len = (size_t)(p - target.ptr);
	if (p != end && *p != ' ')
		return VERDICT_BAD_TARGET;
	if (p == end || target.len == 0 ||
	    memchr(p + 1, ' ', (size_t)(end - p - 1)) != NULL)
		return VERDICT_BAD_REQUEST_LINE;
	verdict =
	    request_line_parse_version(request, request_line_span(p + 1, end));
	if (verdict != VERDICT_OK)
		return verdict;
	return request_line_parse_target(request, target);
}
