/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/body.h"

#include "rows.h"

#define MAX 200

struct body_row {
	const char *name;
	struct span in;
	const char *want; /* "done", "more", or the name of the verdict */
	size_t used;      /* of in, when it is done */
};

#define IN(literal)                                                            \
	{                                                                      \
		literal, sizeof(literal) - 1                                   \
	}
#define TAIL          "0\r\n\r\n"
#define EXT(text)     IN("5" text "\r\nhello\r\n" TAIL)
#define TRAILER(text) IN("0\r\n" text "\r\n\r\n")

/* Chunked bodies; all of in belongs to those that are "done". */
static const struct body_row chunked[] = {
	{ "RFC 9112 7.1 no content", IN(TAIL), "done", 0 },
	{ "RFC 9112 7.1 one chunk", IN("5\r\nhello\r\n" TAIL), "done", 0 },
	{ "RFC 9112 7.1 two chunks", IN("5\r\nhello\r\n1\r\n!\r\n" TAIL),
	    "done", 0 },
	{ "RFC 9112 7.1 hexadecimal, lower case",
	    IN("a\r\n0123456789\r\n" TAIL), "done", 0 },
	{ "RFC 9112 7.1 hexadecimal, upper case",
	    IN("A\r\n0123456789\r\n" TAIL), "done", 0 },
	{ "RFC 9112 7.1 two digits", IN("10\r\n0123456789abcdef\r\n" TAIL),
	    "done", 0 },
	{ "RFC 9112 7.1 leading zeros", IN("0005\r\nhello\r\n" TAIL), "done",
	    0 },
	{ "RFC 9112 7.1 the last chunk may have many zeros", IN("000\r\n\r\n"),
	    "done", 0 },
	{ "RFC 9112 7.1 content of line ends", IN("4\r\n\r\n\r\n\r\n" TAIL),
	    "done", 0 },
	{ "RFC 9112 7.1 content with NUL", IN("3\r\na\0b\r\n" TAIL), "done",
	    0 },
	{ "RFC 9112 7.1.1 an extension", EXT(";a"), "done", 0 },
	{ "RFC 9112 7.1.1 an extension with a value", EXT(";a=b"), "done", 0 },
	{ "RFC 9112 7.1.1 an empty string", EXT(";a=\"\""), "done", 0 },
	{ "RFC 9112 7.1.1 a string", EXT(";a=\"b;c,d=\te\""), "done", 0 },
	{ "RFC 9110 5.6.4 a quoted pair", EXT(";a=\"\\\"\\\\\""), "done", 0 },
	{ "RFC 9112 7.1.1 several", EXT(";a;b=c;d=\"e\";f"), "done", 0 },
	{ "RFC 9112 7.1.1 white space", EXT(" ; a\t= b ;c"), "done", 0 },
	{ "RFC 9112 7.1.1 on the last chunk", IN("0;a=b\r\n\r\n"), "done", 0 },
	{ "RFC 9112 7.1.2 a trailer", TRAILER("A: b"), "done", 0 },
	{ "RFC 9112 7.1.2 two trailers", TRAILER("A: b\r\nC: d"), "done", 0 },
	{ "RFC 9112 7.1.2 an empty trailer", TRAILER("A:"), "done", 0 },
	{ "RFC 9112 7.1.2 a trailer of all sorts",
	    TRAILER("X-1: a\tb \"c\" \\ d; e=f, \xc3\xa4"), "done", 0 },
	{ "RFC 9110 6.5.1 a length in a trailer is ignored",
	    TRAILER("Content-Length: 50"), "done", 0 },
	{ "RFC 9110 6.5.1 a coding in a trailer is ignored",
	    TRAILER("Transfer-Encoding: chunked"), "done", 0 },
	{ "RFC 9112 7.1 no final chunk", IN("5\r\nhello\r\n"), "more", 0 },
	{ "RFC 9112 7.1 no last line", IN("0\r\n"), "more", 0 },
	{ "RFC 9112 7.1 half a last line", IN("0\r\n\r"), "more", 0 },
	{ "nothing yet", IN(""), "more", 0 },
	{ "RFC 9112 7.1 no size", IN("\r\nhello\r\n" TAIL), "bad_chunk", 0 },
	{ "RFC 9112 7.1 no digit", IN("g\r\n"), "bad_chunk", 0 },
	{ "RFC 9112 7.1 a prefix", IN("0x5\r\nhello\r\n" TAIL), "bad_chunk",
	    0 },
	{ "RFC 9112 7.1 a minus", IN("-5\r\nhello\r\n" TAIL), "bad_chunk", 0 },
	{ "RFC 9112 7.1 a plus", IN("+5\r\nhello\r\n" TAIL), "bad_chunk", 0 },
	{ "RFC 9112 7.1 an underscore", IN("1_0\r\n"), "bad_chunk", 0 },
	{ "RFC 9112 7.1 a comma", IN("5,5\r\nhello\r\n" TAIL), "bad_chunk", 0 },
	{ "RFC 9112 7.1 a space in front", IN(" 5\r\nhello\r\n" TAIL),
	    "bad_chunk", 0 },
	{ "RFC 9112 7.1 a tab in front", IN("\t5\r\nhello\r\n" TAIL),
	    "bad_chunk", 0 },
	{ "RFC 9112 7.1 a space behind", IN("5 \r\nhello\r\n" TAIL),
	    "bad_chunk", 0 },
	{ "RFC 9112 7.1 a tab behind", IN("5\t\r\nhello\r\n" TAIL), "bad_chunk",
	    0 },
	{ "RFC 9112 7.1 a space inside", IN("5 5\r\nhello\r\n" TAIL),
	    "bad_chunk", 0 },
	{ "RFC 9112 7.1 NUL", IN("5\0\r\nhello\r\n" TAIL), "bad_chunk", 0 },
	{ "RFC 9112 7.1 a line feed alone", IN("5\nhello\r\n" TAIL),
	    "bad_chunk", 0 },
	{ "RFC 9112 7.1 a carriage return alone", IN("5\rhello\r\n" TAIL),
	    "bad_chunk", 0 },
	{ "RFC 9112 7.1 content longer than its size",
	    IN("5\r\nhello!!\r\n" TAIL), "bad_chunk", 0 },
	{ "RFC 9112 7.1 content shorter than its size",
	    IN("5\r\nhell\r\n" TAIL), "bad_chunk", 0 },
	{ "RFC 9112 7.1 no line end after the content",
	    IN("5\r\nhello0\r\n\r\n"), "bad_chunk", 0 },
	{ "RFC 9112 7.1 a line feed after the content", IN("5\r\nhello\n" TAIL),
	    "bad_chunk", 0 },
	{ "RFC 9112 7.1 a carriage return after the content",
	    IN("5\r\nhello\r0\r\n\r\n"), "bad_chunk", 0 },
	{ "RFC 9112 7.1 other bytes for the line end", IN("5\r\nhelloXX" TAIL),
	    "bad_chunk", 0 },
	{ "RFC 9112 7.1 a line feed at the very end", IN("0\r\n\n"),
	    "bad_chunk", 0 },
	{ "RFC 9112 7.1 a carriage return at the very end", IN("0\r\n\rX"),
	    "bad_chunk", 0 },
	{ "RFC 9112 7.1 size beyond 63 bits", IN("8000000000000000\r\n"),
	    "bad_chunk", 0 },
	{ "RFC 9112 7.1 size beyond 64 bits", IN("10000000000000005\r\n"),
	    "bad_chunk", 0 },
	{ "RFC 9112 7.1 size beyond all bits",
	    IN("ffffffffffffffffffffffffffff\r\n"), "bad_chunk", 0 },
	{ "RFC 9112 7.1.1 no name", EXT(";"), "bad_chunk", 0 },
	{ "RFC 9112 7.1.1 no name, and another", EXT(";;a"), "bad_chunk", 0 },
	{ "RFC 9112 7.1.1 no name but a value", EXT(";=b"), "bad_chunk", 0 },
	{ "RFC 9112 7.1.1 no value", EXT(";a="), "bad_chunk", 0 },
	{ "RFC 9112 7.1.1 two values", EXT(";a=b=c"), "bad_chunk", 0 },
	{ "RFC 9112 7.1.1 a name that is no token", EXT(";a@b"), "bad_chunk",
	    0 },
	{ "RFC 9112 7.1.1 a value that is no token", EXT(";a=b,c"), "bad_chunk",
	    0 },
	{ "RFC 9112 7.1.1 a string that is not closed", EXT(";a=\"b"),
	    "bad_chunk", 0 },
	{ "RFC 9112 7.1.1 a string with something behind", EXT(";a=\"b\"c"),
	    "bad_chunk", 0 },
	{ "RFC 9112 7.1.1 white space at the end", EXT(";a "), "bad_chunk", 0 },
	{ "RFC 9112 7.1.1 NUL", EXT(";a\0"), "bad_chunk", 0 },
	{ "RFC 9112 7.1.1 NUL in a string", EXT(";a=\"\0\""), "bad_chunk", 0 },
	{ "RFC 9112 7.1.1 a line feed in a string", EXT(";a=\"\n\""),
	    "bad_chunk", 0 },
	{ "RFC 9112 7.1.1 a quoted line feed", EXT(";a=\"\\\n\""), "bad_chunk",
	    0 },
	{ "RFC 9112 7.1.1 a carriage return alone", EXT(";a\rb"), "bad_chunk",
	    0 },
	{ "RFC 9112 7.1.1 a line feed alone", IN("5;a\nhello\r\n" TAIL),
	    "bad_chunk", 0 },
	{ "RFC 9112 5.2 a folded trailer", TRAILER("A: b\r\n c"), "bad_chunk",
	    0 },
	{ "RFC 9112 5.1 space before the colon", TRAILER("A : b"), "bad_chunk",
	    0 },
	{ "RFC 9112 5 a trailer without a name", TRAILER(": b"), "bad_chunk",
	    0 },
	{ "RFC 9112 5 a trailer without a colon", TRAILER("A"), "bad_chunk",
	    0 },
	{ "RFC 9112 5 a trailer name that is no token", TRAILER("A@: b"),
	    "bad_chunk", 0 },
	{ "RFC 9112 5.5 NUL in a trailer", TRAILER("A: \0"), "bad_chunk", 0 },
	{ "RFC 9112 2.2 a line feed alone in a trailer", TRAILER("A: b\nC: d"),
	    "bad_chunk", 0 },
	{ "a request instead of a chunk", IN("GET / HTTP/1.1\r\n"), "bad_chunk",
	    0 },
	{ "a chunk larger than the limit", IN("c9\r\n"), "body_too_large", 0 },
	{ "a chunk that is much larger", IN("7fffffffffffffff\r\n"),
	    "body_too_large", 0 },
};

/* A body, and a request behind it that is none of its business. */
static const struct body_row sized[] = {
	{ "RFC 9112 6.3 all of it", IN("hello"), "done", 5 },
	{ "RFC 9112 6.3 and the next request", IN("helloGET / HTTP/1.1\r\n"),
	    "done", 5 },
	{ "RFC 9112 6.3 not all yet", IN("hell"), "more", 0 },
	{ "nothing yet", IN(""), "more", 0 },
	{ "RFC 9112 6.2 any bytes", IN("\r\n\r\n\0"), "done", 5 },
};

static void
check_result(const struct body_row *row, const struct body *body,
    enum body_result result)
{
	switch (result) {
	case BODY_MORE: assert_string_equal("more", row->want); break;
	case BODY_DONE: assert_string_equal("done", row->want); break;
	case BODY_REFUSED:
		assert_string_equal(verdict_name(body->verdict), row->want);
		break;
	}
}

/* Feeds in two pieces, cut at split; returns the bytes used. */
static size_t
feed_split(
    struct body *body, struct span in, size_t split, enum body_result *result)
{
	size_t used, more;

	*result = body_feed(body, in.ptr, split, &used);
	if (*result != BODY_MORE)
		return used;
	assert_int_equal(used, split);
	*result = body_feed(body, in.ptr + split, in.len - split, &more);
	return used + more;
}

static size_t
feed_bytes(struct body *body, struct span in, enum body_result *result)
{
	size_t total = 0;

	*result = BODY_MORE;
	for (size_t i = 0; i < in.len && *result == BODY_MORE; i++) {
		size_t used;

		*result = body_feed(body, in.ptr + i, 1, &used);
		total += used;
	}
	return total;
}

static void
check_body(
    const struct body_row *row, const struct request *request, size_t want_used)
{
	enum body_result result;
	struct body body;
	size_t used;

	for (size_t split = 0; split <= row->in.len; split++) {
		body_init(&body, request, MAX);
		used = feed_split(&body, row->in, split, &result);
		check_result(row, &body, result);
		if (result == BODY_DONE)
			assert_int_equal(used, want_used);
	}
	body_init(&body, request, MAX);
	used = feed_bytes(&body, row->in, &result);
	check_result(row, &body, result);
	if (result == BODY_DONE)
		assert_int_equal(used, want_used);
}

static void
check_chunked(void **state)
{
	static const struct request request = { .chunked = true };
	const struct body_row *row = *state;

	check_body(row, &request, row->in.len);
}

static void
check_sized(void **state)
{
	static const struct request request = { .content_length = 5 };
	const struct body_row *row = *state;

	check_body(row, &request, row->used);
}

static void
test_no_body_is_done_at_once(void **state)
{
	static const struct request request = { 0 };
	struct body body;
	size_t used;

	(void)state;
	body_init(&body, &request, 0);
	assert_int_equal(body_feed(&body, "GET", 3, &used), BODY_DONE);
	assert_int_equal(used, 0);
}

static void
test_what_follows_the_last_chunk_is_left(void **state)
{
	static const struct request request = { .chunked = true };
	static const char in[] = "1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n";
	struct body body;
	size_t used;

	(void)state;
	body_init(&body, &request, MAX);
	assert_int_equal(
	    body_feed(&body, in, sizeof(in) - 1, &used), BODY_DONE);
	assert_string_equal(in + used, "GET / HTTP/1.1\r\n");
	assert_int_equal(body.total, used);
}

static void
test_a_length_above_the_limit_is_refused_before_a_byte(void **state)
{
	static const struct request request = { .content_length = MAX + 1 };
	struct body body;
	size_t used;

	(void)state;
	body_init(&body, &request, MAX);
	assert_int_equal(body_feed(&body, "", 0, &used), BODY_REFUSED);
	assert_int_equal(body.verdict, VERDICT_BODY_TOO_LARGE);
}

static void
test_a_length_at_the_limit_is_taken(void **state)
{
	static const struct request request = { .content_length = 3 };
	struct body body;
	size_t used;

	(void)state;
	body_init(&body, &request, 3);
	assert_int_equal(body_feed(&body, "abc", 3, &used), BODY_DONE);
}

static void
test_framing_counts_against_the_limit(void **state)
{
	static const struct request request = { .chunked = true };
	static const char in[] = "1\r\na\r\n0\r\n\r\n";
	struct body body;
	size_t used;

	(void)state;
	body_init(&body, &request, sizeof(in) - 1);
	assert_int_equal(
	    body_feed(&body, in, sizeof(in) - 1, &used), BODY_DONE);
	body_init(&body, &request, sizeof(in) - 2);
	assert_int_equal(
	    body_feed(&body, in, sizeof(in) - 1, &used), BODY_REFUSED);
	assert_int_equal(body.verdict, VERDICT_BODY_TOO_LARGE);
}

static void
test_a_line_is_not_endless(void **state)
{
	static const struct request request = { .chunked = true };
	static char line[8192];
	struct body body;
	size_t used;

	(void)state;
	memset(line, 'a', sizeof(line));
	memcpy(line, "5;", 2);
	body_init(&body, &request, UINT64_MAX);
	assert_int_equal(
	    body_feed(&body, line, sizeof(line), &used), BODY_REFUSED);
	assert_int_equal(body.verdict, VERDICT_BAD_CHUNK);
	memcpy(line, "0\r\na:", 5);
	body_init(&body, &request, UINT64_MAX);
	assert_int_equal(
	    body_feed(&body, line, sizeof(line), &used), BODY_REFUSED);
	assert_int_equal(body.verdict, VERDICT_BAD_CHUNK);
}

static void
test_many_short_chunks_are_taken(void **state)
{
	static const struct request request = { .chunked = true };
	struct body body;
	size_t used;

	(void)state;
	body_init(&body, &request, UINT64_MAX);
	for (int i = 0; i < 10000; i++)
		assert_int_equal(
		    body_feed(&body, "1;a=b\r\nx\r\n", 10, &used), BODY_MORE);
	assert_int_equal(body_feed(&body, TAIL, 5, &used), BODY_DONE);
	assert_int_equal(body.total, 100005);
}

static void
test_many_short_trailers_are_taken(void **state)
{
	static const struct request request = { .chunked = true };
	struct body body;
	size_t used;

	(void)state;
	body_init(&body, &request, UINT64_MAX);
	assert_int_equal(body_feed(&body, "0\r\n", 3, &used), BODY_MORE);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(
		    body_feed(&body, "a: bcd\r\n", 8, &used), BODY_MORE);
	assert_int_equal(body_feed(&body, "\r\n", 2, &used), BODY_DONE);
}

static void
test_a_refusal_stays(void **state)
{
	static const struct request request = { .chunked = true };
	struct body body;
	size_t used;

	(void)state;
	body_init(&body, &request, MAX);
	assert_int_equal(body_feed(&body, "x", 1, &used), BODY_REFUSED);
	assert_int_equal(body_feed(&body, TAIL, 5, &used), BODY_REFUSED);
	assert_int_equal(used, 0);
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, chunked, check_chunked);
	ROWS_ADD(&rows, sized, check_sized);
	ROWS_TEST(&rows, test_no_body_is_done_at_once);
	ROWS_TEST(&rows, test_what_follows_the_last_chunk_is_left);
	ROWS_TEST(
	    &rows, test_a_length_above_the_limit_is_refused_before_a_byte);
	ROWS_TEST(&rows, test_a_length_at_the_limit_is_taken);
	ROWS_TEST(&rows, test_framing_counts_against_the_limit);
	ROWS_TEST(&rows, test_a_line_is_not_endless);
	ROWS_TEST(&rows, test_many_short_chunks_are_taken);
	ROWS_TEST(&rows, test_many_short_trailers_are_taken);
	ROWS_TEST(&rows, test_a_refusal_stays);
	return rows_run(&rows, "body");
}
