/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/logline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/sink.h"
#include "rows.h"

static const struct address peer = { .family = AF_INET,
	.addr = { 10, 0, 0, 1 } };
static const struct address client = { .family = AF_INET,
	.addr = { 192, 0, 2, 7 } };
static const struct clock when = { .wall_s = 971186136, .wall_us = 42917 };

static struct file file = { .coding = CODING_BR };
static const struct conf_site shop_conf = { .name = "shop" };
static const struct site shop = { .conf = &shop_conf };
static const struct conf_site main_conf = { .name = "" };
static const struct site main_site = { .conf = &main_conf };

#define HEAD                                                                   \
	"GET /a%20b?c=d HTTP/1.1\r\n"                                          \
	"Host: shop.example:81\r\n"                                            \
	"Referer: http://a/?q=\"x\"\r\n"                                       \
	"traceparent:   00-4bf9-00  \r\n"                                      \
	"X-Empty:\r\n"                                                         \
	"\r\n"

/* One request, answered in the way of most. */
struct fixture {
	struct request request;
	struct reply reply;
	struct logline_entry entry;
};

static struct fixture
make_fixture(const char *head)
{
	const struct request_limits limits = { .head_bytes = 16384,
		.target_bytes = 8192,
		.field_bytes = 8192,
		.nfields = 100 };
	struct fixture f = { .reply = { .response = { .status = 200 },
				 .file = &file,
				 .site = &shop,
				 .lookup = FILECACHE_HIT },
		.entry = { .peer = &peer,
		    .client = &client,
		    .request_id = SPAN("0123abc"),
		    .subject = SPAN("alice"),
		    .head_bytes = 200,
		    .body_bytes = 1042,
		    .took_us = 1234567,
		    .first_us = 1234,
		    .nearlier = 3,
		    .fd = -1,
		    .keep = true } };

	request_init(&f.request);
	if (request_feed(&f.request, &limits, head, strlen(head)) ==
	    REQUEST_MORE)
		f.request.verdict = VERDICT_HEAD_TIMEOUT;
	return f;
}

static const char *
write_line(struct fixture *f, const char *text)
{
	static char out[SINK_LINE_BYTES + 1];
	struct logformat_problem problem;
	struct logformat format;
	struct logline line;
	size_t len;

	assert_int_equal(
	    logformat_compile(&format, span_of(text), &problem), 0);
	logline_init(&line, &format);
	line.slot = 5;
	line.generation = 9;
	f->entry.request = &f->request;
	f->entry.reply = &f->reply;
	len = logline_write(&line, out, &f->entry, &when);
	assert_true(len <= SINK_LINE_BYTES);
	assert_int_equal(out[len - 1], '\n');
	assert_null(memchr(out, '\n', len - 1));
	out[len - 1] = '\0';
	return out;
}

struct row {
	const char *name;
	const char *format;
	const char *text;
};

static const struct row table[] = {
	{ "%h", "%h", "192.0.2.7" },
	{ "%a", "%a", "192.0.2.7" },
	{ "%{c}a", "%{c}a", "10.0.0.1" },
	{ "%a", "%a", "192.0.2.7" },
	{ "%l %u", "%l %u%%", "- alice%" },
	{ "%t", "%t", "[10/Oct/2000:13:55:36 +0000]" },
	{ "%{rfc3339}t", "%{rfc3339}t", "2000-10-10T13:55:36.042Z" },
	{ "%{sec}t", "%{sec}t", "971186136" },
	{ "%{msec}t", "%{msec}t", "971186136042" },
	{ "%r", "%r", "GET /a%20b?c=d HTTP/1.1" },
	{ "%s", "%s %>s", "200 200" },
	{ "%b and %B", "%b %B", "1042 1042" },
	{ "%O", "%O", "1242" },
	{ "%D", "%D", "1234567" },
	{ "%T", "%T %{s}T %{ms}T %{us}T", "1 1 1234 1234567" },
	{ "%m", "%m", "GET" },
	{ "%U", "%U", "/a%20b" },
	{ "%q", "%q", "?c=d" },
	{ "%H", "%H", "HTTP/1.1" },
	{ "%v", "%v", "shop" },
	{ "%V", "%V", "shop.example" },
	{ "%p without a socket", "%p", "-" },
	{ "%k", "%k", "3" },
	{ "%X", "%X", "+" },
	{ "a field that is known", "%{referer}i", "http://a/?q=\\\"x\\\"" },
	{ "a field that is not", "%{Traceparent}i", "00-4bf9-00" },
	{ "a field that is empty", "<%{x-empty}i>", "<>" },
	{ "a field that is absent", "%{X-Absent}i", "-" },
	{ "a field that begins like another", "%{Trace}i", "-" },
	{ "%{ttfb}x", "%{ttfb}x", "1234" },
	{ "%{variant}x", "%{variant}x", "br" },
	{ "%{cache}x", "%{cache}x", "hit" },
	{ "%{verdict}x", "%{verdict}x", "ok" },
	{ "%{request_id}x", "%{request_id}x", "0123abc" },
	{ "%{worker}x", "%{worker}x", "5" },
	{ "%{generation}x", "%{generation}x", "9" },
	{ "text", "a\\tb %h", "a\tb 192.0.2.7" },
	{ "common", "common",
	    "192.0.2.7 - alice [10/Oct/2000:13:55:36 +0000] "
	    "\"GET /a%20b?c=d HTTP/1.1\" 200 1042" },
	{ "combined", "combined",
	    "192.0.2.7 - alice [10/Oct/2000:13:55:36 +0000] "
	    "\"GET /a%20b?c=d HTTP/1.1\" 200 1042 "
	    "\"http://a/?q=\\\"x\\\"\" \"-\"" },
};

static void
check_row(void **state)
{
	const struct row *row = *state;
	struct fixture f = make_fixture(HEAD);

	assert_string_equal(write_line(&f, row->format), row->text);
}

static void
test_json(void **state)
{
	struct fixture f = make_fixture(HEAD);
	char want[1024];

	(void)state;
	(void)snprintf(want, sizeof(want),
	    "{\"time\":\"2000-10-10T13:55:36.042Z\",\"client\":\"192.0.2.7\","
	    "\"site\":\"shop\",\"host\":\"shop.example\","
	    "\"line\":\"GET /a%%20b?c=d HTTP/1.1\",\"method\":\"GET\","
	    "\"path\":\"/a%%20b\",\"query\":\"?c=d\",\"protocol\":\"HTTP/1.1\","
	    "\"status\":200,\"body_bytes\":1042,\"sent_bytes\":1242,"
	    "\"duration_us\":1234567,\"ttfb_us\":1234,"
	    "\"referer\":\"http://a/?q=\\\"x\\\"\",\"user_agent\":null,"
	    "\"variant\":\"br\",\"cache\":\"hit\",\"verdict\":\"ok\","
	    "\"user\":\"alice\",\"request_id\":\"0123abc\",\"worker\":5,"
	    "\"pid\":%ld}",
	    (long)getpid());
	assert_string_equal(write_line(&f, "json"), want);
}

static void
test_what_was_refused_has_its_line_and_little_else(void **state)
{
	struct fixture f = make_fixture("GARBAGE \x01\xff\"\r\n\r\n");

	(void)state;
	f.reply = (struct reply){ .response = { .status = 400 } };
	f.entry.request_id = (struct span){ 0 };
	f.entry.subject = (struct span){ 0 };
	f.entry.keep = false;
	assert_string_equal(
	    write_line(&f,
		"%r|%m|%U|%q|%H|%v|%V|%{variant}x|%{cache}x|%{verdict}x|"
		"%{request_id}x|%{A}i|%{Referer}i|%X"),
	    "GARBAGE |-|-||-|-|-|-|-|bad_request_line|-|-|-|-");
	assert_non_null(strstr(write_line(&f, "json"),
	    "\"site\":null,\"host\":null,\"line\":\"GARBAGE \","
	    "\"method\":null,\"path\":null,\"query\":null,\"protocol\":null,"
	    "\"status\":400"));
}

static void
test_nothing_that_came_in_time_has_no_line(void **state)
{
	struct fixture f = make_fixture("");

	(void)state;
	f.reply = (struct reply){ .response = { .status = 408 } };
	assert_string_equal(
	    write_line(&f, "%r %m %{A}i %{verdict}x"), "- - - head_timeout");
}

static void
test_a_refusal_that_comes_late_has_all(void **state)
{
	struct fixture f = make_fixture(HEAD);

	(void)state;
	f.request.verdict = VERDICT_BODY_TIMEOUT;
	assert_string_equal(
	    write_line(&f, "%m %U %H %{traceparent}i %{verdict}x"),
	    "GET /a%20b HTTP/1.1 00-4bf9-00 body_timeout");
	f.request.verdict = VERDICT_OK;
	f.reply.verdict = VERDICT_BAD_PATH;
	assert_string_equal(write_line(&f, "%{verdict}x"), "bad_path");
}

static void
test_an_answer_that_broke_off(void **state)
{
	struct fixture f = make_fixture(HEAD);

	(void)state;
	f.entry.aborted = true;
	f.entry.body_bytes = 0;
	f.entry.first_us = -1;
	f.reply.lookup = FILECACHE_MISS;
	assert_string_equal(
	    write_line(&f, "%X %b %B %{ttfb}x %{cache}x"), "X - 0 - miss");
	assert_non_null(strstr(write_line(&f, "json"), "\"ttfb_us\":null,"));
}

static void
test_a_site_without_a_name(void **state)
{
	struct fixture f = make_fixture(HEAD);

	(void)state;
	f.reply.site = &main_site;
	assert_string_equal(write_line(&f, "%v"), "-");
	assert_non_null(strstr(write_line(&f, "json"), "\"site\":null,"));
}

static void
test_the_port_of_a_connection(void **state)
{
	struct fixture f = make_fixture(HEAD);
	struct sock_addr addr;
	char want[16];

	(void)state;
	assert_null(sock_addr_parse(&addr, SPAN("127.0.0.1:0")));
	f.entry.fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(f.entry.fd, &addr.sa.any, addr.len), 0);
	(void)snprintf(want, sizeof(want), "%u", sock_local_port(f.entry.fd));
	assert_string_equal(write_line(&f, "%p"), want);
	assert_string_not_equal(want, "0");
	(void)close(f.entry.fd);
}

/* Every byte that a client may think of, in every place it can put it. */
static void
test_no_byte_of_a_client_leaves_its_place(void **state)
{
	char head[] = "GET /a?? HTTP/1.1\r\nHost: a\r\nReferer: ??\r\n\r\n";

	(void)state;
	for (int byte = 1; byte < 256; byte++) {
		char *at = strchr(head, '?');
		struct fixture f;
		const char *text;

		f = make_fixture(head);
		f.request.line = (struct span){ head, 14 };
		f.request.value[FIELD_REFERER] =
		    (struct span){ strstr(head, "Referer") + 9, 2 };
		at[1] = (char)byte;
		*(strstr(head, "Referer") + 10) = (char)byte;
		text = write_line(&f, "combined");
		for (const char *p = text; *p != '\0'; p++)
			assert_in_range(*p, 0x20, 0x7e);
		text = write_line(&f, "json");
		for (const char *p = text; *p != '\0'; p++)
			assert_in_range(*p, 0x20, 0x7e);
		if (byte >= 0x7f || byte < 0x20) {
			char want[8];

			(void)snprintf(want, sizeof(want), "\\u%04X", byte);
			assert_non_null(strstr(text, want));
		}
	}
}

/* Whatever is sent, a line goes in one piece and the format is kept. */
static void
test_long_parts_are_cut_and_share_the_line(void **state)
{
	static char head[16384];
	const char *const formats[] = { "combined", "json",
		"%r %r %r %{Referer}i %{A}i|%s" };
	struct fixture f;
	const char *text;

	(void)state;
	memset(head, 'x', sizeof(head));
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		f = make_fixture(HEAD);
		f.request.line = (struct span){ head, 9000 };
		f.request.value[FIELD_REFERER] = (struct span){ head, 9000 };
		f.request.value[FIELD_USER_AGENT] = (struct span){ head, 9000 };
		text = write_line(&f, formats[i]);
		assert_true(strlen(text) > 3000);
	}
	assert_non_null(strstr(text, "|200"));
	f.request.line = (struct span){ head, 3000 };
	f.request.value[FIELD_REFERER] = SPAN("short");
	text = write_line(&f, "%r|%{Referer}i");
	assert_int_equal(strcspn(text, "|"), 2048);
	assert_string_equal(text + 2048, "|short");
	/* Cut behind an escape, never in one. */
	memset(head, 1, sizeof(head));
	text = write_line(&f, "%r|");
	assert_int_equal(strcspn(text, "|"), 2048);
}

static void
test_the_texts_of_a_second_follow_the_clock(void **state)
{
	const struct clock later = { .wall_s = 971186137 };
	struct fixture f = make_fixture(HEAD);
	struct logformat_problem problem;
	struct logformat format;
	struct logline line;
	char out[SINK_LINE_BYTES];
	size_t len;

	(void)state;
	assert_int_equal(
	    logformat_compile(&format, SPAN("%t%{rfc3339}t"), &problem), 0);
	logline_init(&line, &format);
	f.entry.request = &f.request;
	f.entry.reply = &f.reply;
	(void)logline_write(&line, out, &f.entry, &when);
	len = logline_write(&line, out, &f.entry, &later);
	assert_span(((struct span){ out, len }),
	    "[10/Oct/2000:13:55:37 +0000]2000-10-10T13:55:37.000Z\n");
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, check_row);
	ROWS_TEST(&rows, test_json);
	ROWS_TEST(&rows, test_what_was_refused_has_its_line_and_little_else);
	ROWS_TEST(&rows, test_nothing_that_came_in_time_has_no_line);
	ROWS_TEST(&rows, test_a_refusal_that_comes_late_has_all);
	ROWS_TEST(&rows, test_an_answer_that_broke_off);
	ROWS_TEST(&rows, test_a_site_without_a_name);
	ROWS_TEST(&rows, test_the_port_of_a_connection);
	ROWS_TEST(&rows, test_no_byte_of_a_client_leaves_its_place);
	ROWS_TEST(&rows, test_long_parts_are_cut_and_share_the_line);
	ROWS_TEST(&rows, test_the_texts_of_a_second_follow_the_clock);
	return rows_run(&rows, "logline");
}
