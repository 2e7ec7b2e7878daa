/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/memo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct request_limits limits = {
	.head_bytes = 16384,
	.target_bytes = 8192,
	.field_bytes = 8192,
	.nfields = 100,
};

static int
setup(void **state)
{
	static struct memo memo;

	limits.memo = &memo;
	*state = &memo;
	return memo_init(&memo, 4);
}

static int
teardown(void **state)
{
	memo_fini(*state);
	return 0;
}

static struct request
feed(const char *text, size_t len)
{
	struct request request;

	request_init(&request);
	if (request_feed(&request, &limits, text, len) == REQUEST_MORE)
		fail_msg("not whole: %s", text);
	return request;
}

static struct request
ask(const char *text)
{
	return feed(text, strlen(text));
}

static void
test_same_fields_are_known_under_another_request_line(void **state)
{
	const struct memo *memo = *state;
	struct request request;

	(void)ask("GET /a HTTP/1.1\r\nHost: x:80\r\nRange: bytes=1-\r\n\r\n");
	request = ask(
	    "HEAD /bcd?e HTTP/1.1\r\nHost: x:80\r\nRange: bytes=1-\r\n\r\n");
	assert_int_equal(memo->hits, 1);
	assert_int_equal(request.method, METHOD_HEAD);
	assert_true(span_equal(request.path, SPAN("/bcd")));
	assert_true(span_equal(request.host, SPAN("x")));
	assert_true(span_equal(request.value[FIELD_RANGE], SPAN("bytes=1-")));
	assert_null(request.value[FIELD_IF_RANGE].ptr);
	assert_true(request.keep_alive);
}

static void
test_one_other_byte_is_another_block(void **state)
{
	const struct memo *memo = *state;
	struct request request;

	(void)ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	request = ask("GET / HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n");
	assert_int_equal(memo->hits, 0);
	assert_true(span_equal(request.host, SPAN("b")));
	assert_false(request.keep_alive);
}

static void
test_pipelined_requests_are_known_one_by_one(void **state)
{
	const struct memo *memo = *state;
	const char *text = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
			   "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
			   "GET /3 HTTP/1.1\r\nHo";
	struct request request = ask(text);

	assert_int_equal(request.head_len, 28);
	request = ask(text + 28);
	assert_int_equal(memo->hits, 1);
	assert_int_equal(request.head_len, 28);
	assert_true(span_equal(request.path, SPAN("/2")));
	request_init(&request);
	assert_int_equal(
	    request_feed(&request, &limits, text + 56, strlen(text + 56)),
	    REQUEST_MORE);
}

static void
test_what_the_request_line_changes_is_not_taken_from_the_memo(void **state)
{
	static const struct {
		const char *text;
		enum verdict verdict;
	} rows[] = {
		{ "GET / HTTP/1.0\r\nHost: a\r\n\r\n", VERDICT_OK },
		{ "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", VERDICT_OK },
		{ "BREW / HTTP/1.1\r\nHost: a\r\n\r\n",
		    VERDICT_UNKNOWN_METHOD },
		{ "POST / HTTP/1.1\r\nHost: a\r\n\r\n", VERDICT_OK },
	};
	const struct memo *memo = *state;

	(void)ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct request request = ask(rows[i].text);

		assert_int_equal(request.verdict, rows[i].verdict);
		assert_int_equal(memo->hits, 0);
	}
}

static void
test_refused_block_is_refused_again(void **state)
{
	const struct memo *memo = *state;

	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    ask("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").verdict,
		    VERDICT_DUPLICATE_HOST);
	assert_int_equal(memo->hits, 0);
}

static void
test_body_and_repeated_list_fields_are_not_kept(void **state)
{
	static const char *rows[] = {
		"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\n"
		"Transfer-Encoding: chunked\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\n"
		"If-Match: \"a\"\r\nIf-Match: \"b\"\r\n\r\n",
	};
	const struct memo *memo = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int j = 0; j < 2; j++)
			assert_int_equal(ask(rows[i]).verdict, VERDICT_OK);
	assert_int_equal(memo->hits, 0);
}

/* More blocks than places: old ones give way, and nothing is mixed up. */
static void
test_full_memo_goes_on(void **state)
{
	char text[128];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct request request;
		int len = snprintf(text, sizeof(text),
		    "GET / HTTP/1.1\r\nHost: h%d\r\n\r\n", i % 7);

		request = feed(text, (size_t)len);
		assert_int_equal(request.host.len, 2);
		assert_int_equal(request.host.ptr[1], '0' + i % 7);
		assert_int_equal(request.head_len, len);
	}
}

static void
test_memo_of_no_blocks_keeps_nothing(void **state)
{
	struct memo *memo = *state;

	memo_fini(memo);
	assert_int_equal(memo_init(memo, 0), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n").verdict,
		    VERDICT_OK);
	assert_int_equal(memo->hits, 0);
}

/* Each field that a message without a body can have, once. */
static void
test_a_block_has_room_for_every_field(void **state)
{
	static const char head[] =
	    "GET / HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n"
	    "Accept-Encoding: br\r\nX-API-Key: k\r\nAuthorization: x\r\n"
	    "Connection: close\r\nExpect: 100-continue\r\nIf-Match: *\r\n"
	    "If-Modified-Since: x\r\nIf-None-Match: *\r\nIf-Range: x\r\n"
	    "If-Unmodified-Since: x\r\nOrigin: null\r\nRange: x\r\n"
	    "Referer: x\r\nUser-Agent: last\r\n\r\n";
	const struct memo *memo = *state;

	assert_int_equal(ask(head).verdict, VERDICT_OK);
	assert_true(
	    span_equal(ask(head).value[FIELD_USER_AGENT], SPAN("last")));
	assert_int_equal(memo->hits, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_same_fields_are_known_under_another_request_line),
		TEST(test_one_other_byte_is_another_block),
		TEST(test_pipelined_requests_are_known_one_by_one),
		TEST(
		    test_what_the_request_line_changes_is_not_taken_from_the_memo),
		TEST(test_refused_block_is_refused_again),
		TEST(test_body_and_repeated_list_fields_are_not_kept),
		TEST(test_full_memo_goes_on),
		TEST(test_memo_of_no_blocks_keeps_nothing),
		TEST(test_a_block_has_room_for_every_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
