/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/response.h"

#include "core/number.h"

/*
 * STATUS(code, reason, text): what a static server can send.  The text is for
 * the person who sees the page; a status below 300 has none.
 */
#define RESPONSE_MAP(X)                                                        \
	X(100, "Continue", "")                                                 \
	X(200, "OK", "")                                                       \
	X(204, "No Content", "")                                               \
	X(206, "Partial Content", "")                                          \
	X(300, "Multiple Choices", "There is more than one answer to this.")   \
	X(301, "Moved Permanently", "This page has moved for good.")           \
	X(302, "Found", "This page is somewhere else for now.")                \
	X(303, "See Other", "The answer is at another address.")               \
	X(304, "Not Modified", "Your copy of this page is up to date.")        \
	X(307, "Temporary Redirect", "This page is somewhere else for now.")   \
	X(308, "Permanent Redirect", "This page has moved for good.")          \
	X(400, "Bad Request", "The server did not understand the request.")    \
	X(401, "Unauthorized", "You need to sign in to see this page.")        \
	X(403, "Forbidden", "You are not allowed to see this page.")           \
	X(404, "Not Found", "There is nothing at this address.")               \
	X(405, "Method Not Allowed",                                           \
	    "This page can be read, and nothing else.")                        \
	X(406, "Not Acceptable",                                               \
	    "This page does not exist in a form that your browser accepts.")   \
	X(408, "Request Timeout", "The request took too long to arrive.")      \
	X(410, "Gone", "This page was here, and will not come back.")          \
	X(411, "Length Required", "The request does not say its length.")      \
	X(412, "Precondition Failed",                                          \
	    "The page is not in the state that the request asked for.")        \
	X(413, "Content Too Large", "The request is larger than we take.")     \
	X(414, "URI Too Long", "The address is longer than we take.")          \
	X(415, "Unsupported Media Type",                                       \
	    "The request comes in a form that we do not know.")                \
	X(416, "Range Not Satisfiable",                                        \
	    "The file ends before the part that was asked for.")               \
	X(417, "Expectation Failed",                                           \
	    "The request expects something that we cannot do.")                \
	X(421, "Misdirected Request", "This server has no such site.")         \
	X(426, "Upgrade Required", "This page needs another protocol.")        \
	X(429, "Too Many Requests",                                            \
	    "You asked for a lot in a short time.  Please wait a little.")     \
	X(431, "Request Header Fields Too Large",                              \
	    "Your browser sent more about itself than we take.")               \
	X(451, "Unavailable For Legal Reasons",                                \
	    "The law does not allow us to show this page.")                    \
	X(500, "Internal Server Error",                                        \
	    "Something broke on our side.  It is not your fault.")             \
	X(501, "Not Implemented", "The server does not know how to do this.")  \
	X(502, "Bad Gateway", "Another server gave us a bad answer.")          \
	X(503, "Service Unavailable",                                          \
	    "We cannot answer right now.  Please try again soon.")             \
	X(504, "Gateway Timeout", "Another server did not answer us.")         \
	X(505, "HTTP Version Not Supported",                                   \
	    "We speak HTTP/1.0 and HTTP/1.1 here.")

/*
 * Nothing in it is loaded, run, or taken from the request.  The style is one
 * constant element, which RESPONSE_STYLE_HASH lets a policy allow.
 */
#define RESPONSE_STYLE                                                         \
	":root{color-scheme:light dark;font:1.1em/1.5 system-ui,sans-serif}"   \
	"body{display:grid;place-content:center;min-height:88vh;"              \
	"max-width:30em;margin:auto;padding:0 1.5em}"                          \
	"h1{margin:0;font-size:1.5em;font-weight:600;line-height:1.3}"         \
	"b{display:block;font-size:3em;font-weight:200;line-height:1.2;"       \
	"opacity:.6}p{margin:.5em 0;opacity:.8}"
#define RESPONSE_PAGE(code, reason, text)                                      \
	"<!DOCTYPE html>\n"                                                    \
	"<html lang=\"en\">\n"                                                 \
	"<meta charset=\"utf-8\">\n"                                           \
	"<meta name=\"viewport\" content=\"width=device-width\">\n"            \
	"<title>" code " " reason "</title>\n"                                 \
	"<style>" RESPONSE_STYLE "</style>\n"                                  \
	"<h1><b>" code "</b> " reason "</h1>\n"                                \
	"<p>" text "</p>\n"                                                    \
	"</html>\n"

enum {
	RESPONSE_ROW_UNKNOWN,
#define RESPONSE_ROW(code, reason, text) RESPONSE_ROW_##code,
	RESPONSE_MAP(RESPONSE_ROW)
#undef RESPONSE_ROW
};

/* Where the row of a code is; 0 for a code that has none. */
static const unsigned char response_index[600] = {
#define RESPONSE_INDEX(code, reason, text) [code] = RESPONSE_ROW_##code,
	RESPONSE_MAP(RESPONSE_INDEX)
#undef RESPONSE_INDEX
};

#define RESPONSE_SPAN(literal)                                                 \
	{                                                                      \
		literal, sizeof(literal) - 1                                   \
	}

/* The head begins with one copy: Date is the first field of all. */
static const struct {
	struct span start;
	struct span reason;
	struct span page;
} response_rows[] = {
	[RESPONSE_ROW_UNKNOWN] = { { NULL, 0 }, RESPONSE_SPAN("Unknown"),
	    RESPONSE_SPAN(RESPONSE_PAGE(
		"Error", "of an unknown kind", "Something went wrong.")) },
#define RESPONSE_ROW(code, reason, text)                                       \
	[RESPONSE_ROW_##code] = { RESPONSE_SPAN("HTTP/1.1 " #code " " reason   \
						"\r\nDate: "),                 \
		RESPONSE_SPAN(reason),                                         \
		RESPONSE_SPAN(RESPONSE_PAGE(#code, reason, text)) },
	RESPONSE_MAP(RESPONSE_ROW)
#undef RESPONSE_ROW
};

static unsigned
response_row(int status)
{
	return status >= 0 && status < 600 ? response_index[status]
					   : RESPONSE_ROW_UNKNOWN;
}

struct span
response_reason(int status)
{
	return response_rows[response_row(status)].reason;
}

struct span
response_page(int status)
{
	return response_rows[response_row(status)].page;
}

static char *
response_put(char *out, struct span span)
{
	memcpy(out, span.ptr, span.len);
	return out + span.len;
}

/* A field line; name is with its colon and space. */
static char *
response_put_field(char *out, struct span name, struct span value)
{
	out = response_put(out, name);
	out = response_put(out, value);
	return response_put(out, SPAN("\r\n"));
}

static char *
response_put_start(char *out, int status)
{
	unsigned row = response_row(status);

	if (row != RESPONSE_ROW_UNKNOWN)
		return response_put(out, response_rows[row].start);
	out = response_put(out, SPAN("HTTP/1.1 "));
	out += number_format_u64(out, (uint64_t)status);
	return response_put(out, SPAN(" Unknown\r\nDate: "));
}

static char *
response_put_connection(char *out, enum response_connection connection)
{
	switch (connection) {
	case RESPONSE_PERSIST: break;
	case RESPONSE_KEEP_ALIVE:
		return response_put(out, SPAN("Connection: keep-alive\r\n"));
	case RESPONSE_CLOSE:
		return response_put(out, SPAN("Connection: close\r\n"));
	}
	return out;
}

/* Content-Range (RFC 9110 14.4). */
static char *
response_put_range(char *out, const struct response *response)
{
	out = response_put(out, SPAN("Content-Range: bytes "));
	if (response->status == 416) {
		*out++ = '*';
	} else {
		out += number_format_u64(out, response->range.first);
		*out++ = '-';
		out += number_format_u64(out, response->range.last);
	}
	*out++ = '/';
	out += number_format_u64(out, response->total);
	return response_put(out, SPAN("\r\n"));
}

/* Retry-After, of the two forms the one in seconds (RFC 9110 10.2.3). */
static char *
response_put_retry_after(char *out, uint64_t seconds)
{
	out = response_put(out, SPAN("Retry-After: "));
	out += number_format_u64(out, seconds);
	return response_put(out, SPAN("\r\n"));
}

int
response_write_head(struct buf *buf, const struct response *response,
    const struct response_common *common)
{
	size_t need = RESPONSE_HEAD_BYTES + response->fields.len +
		      response->type.len + response->location.len +
		      response->allow.len + response->request_id.len +
		      response->extra.len + response->challenge.len +
		      common->server.len;
	char *out = buf->data + buf->len;

	if (buf->cap - buf->len < need)
		return -1;
	out = response_put_start(out, response->status);
	out = response_put(out, (struct span){ common->date, DATE_IMF_LEN });
	out = response_put(out, SPAN("\r\n"));
	if (common->server.ptr != NULL)
		out = response_put_field(out, SPAN("Server: "), common->server);
	out = response_put_connection(out, response->connection);
	if (response->type.ptr != NULL)
		out = response_put_field(
		    out, SPAN("Content-Type: "), response->type);
	if (response->has_length) {
		out = response_put(out, SPAN("Content-Length: "));
		out += number_format_u64(out, response->length);
		out = response_put(out, SPAN("\r\n"));
	} else if (response->chunked) {
		out = response_put(out, SPAN("Transfer-Encoding: chunked\r\n"));
	}
	if (response->has_content_range)
		out = response_put_range(out, response);
	if (response->location.ptr != NULL)
		out = response_put_field(
		    out, SPAN("Location: "), response->location);
	if (response->allow.ptr != NULL)
		out = response_put_field(out, SPAN("Allow: "), response->allow);
	if (response->retry_after_s > 0)
		out = response_put_retry_after(out, response->retry_after_s);
	if (response->request_id.ptr != NULL)
		out = response_put_field(
		    out, SPAN("X-Request-Id: "), response->request_id);
	if (response->challenge.len > 0)
		out = response_put(out, response->challenge);
	if (response->fields.len > 0)
		out = response_put(out, response->fields);
	if (response->extra.len > 0)
		out = response_put(out, response->extra);
	out = response_put(out, SPAN("\r\n"));
	buf->len = (size_t)(out - buf->data);
	return 0;
}
