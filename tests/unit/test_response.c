/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/response.h"

#include <stdio.h>

#include "rows.h"

#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"

static struct response_common common = { .server = { "tined", 5 } };

struct head_row {
	const char *name;
	struct response response;
	const char *want; /* what follows the status line, Date and Server */
	const char *start;
};

static const struct head_row heads[] = {
	{ "RFC 9112 4 nothing but the status", { .status = 204 }, "",
	    "204 No Content" },
	{ "RFC 9110 8.6 a length",
	    { .status = 200, .has_length = true, .length = 12345 },
	    "Content-Length: 12345\r\n", "200 OK" },
	{ "RFC 9110 8.6 a length of nothing",
	    { .status = 200, .has_length = true }, "Content-Length: 0\r\n",
	    "200 OK" },
	{ "RFC 9110 8.6 the greatest length",
	    { .status = 200, .has_length = true, .length = UINT64_MAX },
	    "Content-Length: 18446744073709551615\r\n", "200 OK" },
	{ "RFC 9110 8.3 a type",
	    { .status = 200, .type = { "text/plain", 10 } },
	    "Content-Type: text/plain\r\n", "200 OK" },
	{ "RFC 9112 9.6 the last one",
	    { .status = 200, .connection = RESPONSE_CLOSE },
	    "Connection: close\r\n", "200 OK" },
	{ "RFC 9112 9.3 HTTP/1.0, kept",
	    { .status = 200, .connection = RESPONSE_KEEP_ALIVE },
	    "Connection: keep-alive\r\n", "200 OK" },
	{ "RFC 9110 14.4 a range",
	    { .status = 206,
		.has_content_range = true,
		.range = { 42, 1233 },
		.total = 1234 },
	    "Content-Range: bytes 42-1233/1234\r\n", "206 Partial Content" },
	{ "RFC 9110 14.4 no range",
	    { .status = 416, .has_content_range = true, .total = 47022 },
	    "Content-Range: bytes */47022\r\n", "416 Range Not Satisfiable" },
	{ "RFC 9110 10.2.2 a location",
	    { .status = 301, .location = { "a/", 2 } }, "Location: a/\r\n",
	    "301 Moved Permanently" },
	{ "RFC 9110 10.2.1 methods",
	    { .status = 405, .allow = { "GET, HEAD", 9 } },
	    "Allow: GET, HEAD\r\n", "405 Method Not Allowed" },
	{ "RFC 9110 10.2.3 when to come again",
	    { .status = 503, .retry_after_s = 300 }, "Retry-After: 300\r\n",
	    "503 Service Unavailable" },
	{ "a name for the request",
	    { .status = 200, .request_id = { "a-1", 3 } },
	    "X-Request-Id: a-1\r\n", "200 OK" },
	{ "ready fields",
	    { .status = 304, .fields = { "ETag: \"1\"\r\n", 11 } },
	    "ETag: \"1\"\r\n", "304 Not Modified" },
	{ "all at once",
	    { .status = 206,
		.connection = RESPONSE_CLOSE,
		.fields = { "X: y\r\n", 6 },
		.type = { "a/b", 3 },
		.location = { "c", 1 },
		.allow = { "D", 1 },
		.request_id = { "E", 1 },
		.retry_after_s = 1,
		.length = 1,
		.has_length = true,
		.has_content_range = true,
		.range = { 0, 0 },
		.total = 2 },
	    "Connection: close\r\nContent-Type: a/b\r\nContent-Length: 1\r\n"
	    "Content-Range: bytes 0-0/2\r\nLocation: c\r\nAllow: D\r\n"
	    "Retry-After: 1\r\nX-Request-Id: E\r\nX: y\r\n",
	    "206 Partial Content" },
	{ "a status that is not in the table", { .status = 299 }, "",
	    "299 Unknown" },
	{ "a status above all", { .status = 999 }, "", "999 Unknown" },
};

static void
check_head(void **state)
{
	const struct head_row *row = *state;
	struct buf *buf = test_malloc(sizeof(*buf) + 2048);
	char want[1024];
	int len;

	*buf = (struct buf){ .cap = 2048, .len = 3 };
	memcpy(buf->data, "abc", 3);
	assert_int_equal(response_write_head(buf, &row->response, &common), 0);
	len = snprintf(want, sizeof(want),
	    "abcHTTP/1.1 %s\r\nDate: " DATE "\r\nServer: tined\r\n%s\r\n",
	    row->start, row->want);
	assert_int_equal(buf->len, len);
	assert_memory_equal(buf->data, want, buf->len);
	test_free(buf);
}

static void
test_no_server_field_without_a_name(void **state)
{
	static const char want[] =
	    "HTTP/1.1 204 No Content\r\nDate: " DATE "\r\n\r\n";
	struct response_common nameless = { 0 };
	struct response response = { .status = 204 };
	struct buf *buf = test_malloc(sizeof(*buf) + 1024);

	(void)state;
	memcpy(nameless.date, DATE, DATE_IMF_LEN);
	*buf = (struct buf){ .cap = 1024 };
	assert_int_equal(response_write_head(buf, &response, &nameless), 0);
	assert_int_equal(buf->len, sizeof(want) - 1);
	assert_memory_equal(buf->data, want, buf->len);
	test_free(buf);
}

static void
test_a_head_without_room_leaves_the_buffer_alone(void **state)
{
	struct response response = { .status = 200, .type = { "a/b", 3 } };
	size_t need = RESPONSE_HEAD_BYTES + 3 + common.server.len;
	struct buf *buf = test_malloc(sizeof(*buf) + need);

	(void)state;
	*buf = (struct buf){ .cap = need, .len = 1 };
	assert_int_equal(response_write_head(buf, &response, &common), -1);
	assert_int_equal(buf->len, 1);
	buf->len = 0;
	assert_int_equal(response_write_head(buf, &response, &common), 0);
	test_free(buf);
}

static void
test_the_longest_head_fits_into_its_bytes(void **state)
{
	struct buf *buf = test_malloc(sizeof(*buf) + 4096);

	(void)state;
	for (int status = 100; status < 1000; status++) {
		struct response response = {
			.status = status,
			.connection = RESPONSE_KEEP_ALIVE,
			.type = SPAN(""),
			.location = SPAN(""),
			.allow = SPAN(""),
			.length = UINT64_MAX,
			.has_length = true,
			.has_content_range = true,
			.range = { UINT64_MAX - 1, UINT64_MAX },
			.total = UINT64_MAX,
		};
		*buf = (struct buf){ .cap = 4096 };
		assert_int_equal(
		    response_write_head(buf, &response, &common), 0);
		assert_true(
		    buf->len <= RESPONSE_HEAD_BYTES + common.server.len);
	}
	test_free(buf);
}

static const struct {
	const char *name;
	int status;
	const char *reason;
} reasons[] = {
	{ "RFC 9110 15.2.1", 100, "Continue" },
	{ "RFC 9110 15.3.1", 200, "OK" },
	{ "RFC 9110 15.4.9", 308, "Permanent Redirect" },
	{ "RFC 9110 15.5.5", 404, "Not Found" },
	{ "RFC 9110 15.5.14", 413, "Content Too Large" },
	{ "RFC 9110 15.5.20", 421, "Misdirected Request" },
	{ "RFC 6585 4", 429, "Too Many Requests" },
	{ "RFC 6585 5", 431, "Request Header Fields Too Large" },
	{ "RFC 7725 3", 451, "Unavailable For Legal Reasons" },
	{ "RFC 9110 15.6.6", 505, "HTTP Version Not Supported" },
	{ "no such status", 499, "Unknown" },
	{ "no status", 0, "Unknown" },
	{ "below all", -1, "Unknown" },
	{ "above all", 600, "Unknown" },
};

static void
check_reason(void **state)
{
	const __typeof__(*reasons) *row = *state;

	assert_span(response_reason(row->status), row->reason);
}

static void
test_every_error_has_a_page_of_its_own(void **state)
{
	(void)state;
	for (int status = 300; status < 600; status++) {
		struct span page = response_page(status);
		struct span reason = response_reason(status);
		char title[128];

		assert_true(span_starts_with(page, SPAN("<!DOCTYPE html>\n")));
		if (span_equal(reason, SPAN("Unknown")))
			continue;
		(void)snprintf(title, sizeof(title), "<title>%d %.*s</title>",
		    status, (int)reason.len, reason.ptr);
		assert_non_null(
		    memmem(page.ptr, page.len, title, strlen(title)));
	}
}

static void
test_a_page_loads_and_runs_nothing(void **state)
{
	static const char *bad[] = { "<script", "src=", "href=", "url(",
		"http:", "https:", "style=", "@import" };

	(void)state;
	for (int status = 300; status < 600; status++) {
		struct span page = response_page(status);

		for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
			assert_null(
			    memmem(page.ptr, page.len, bad[i], strlen(bad[i])));
	}
}

int
main(void)
{
	static struct rows rows;

	memcpy(common.date, DATE, DATE_IMF_LEN);
	ROWS_ADD(&rows, heads, check_head);
	ROWS_TEST(&rows, test_no_server_field_without_a_name);
	ROWS_TEST(&rows, test_a_head_without_room_leaves_the_buffer_alone);
	ROWS_TEST(&rows, test_the_longest_head_fits_into_its_bytes);
	ROWS_ADD(&rows, reasons, check_reason);
	ROWS_TEST(&rows, test_every_error_has_a_page_of_its_own);
	ROWS_TEST(&rows, test_a_page_loads_and_runs_nothing);
	return rows_run(&rows, "response");
}
