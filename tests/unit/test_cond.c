/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/cond.h"

#include <stdio.h>

#include "rows.h"

#define NOW      784111877
#define MODIFIED 784111777
#define BEFORE   "Sun, 06 Nov 1994 08:49:36 GMT"
#define SAME     "Sun, 06 Nov 1994 08:49:37 GMT"
#define AFTER    "Sun, 06 Nov 1994 08:49:38 GMT"
#define FUTURE   "Sun, 06 Nov 2044 08:49:38 GMT"

static const struct request_limits limits = { 4096, 1024, 1024, 50, NULL };

static const struct validators validators = { { "\"abc\"", 5 }, MODIFIED,
	true };

/* Reads a request with these field lines, each with its CR LF. */
static struct request
parse(const char *method, const char *fields)
{
	static char text[2048];
	struct request request;
	int len;

	len = snprintf(text, sizeof(text), "%s / HTTP/1.1\r\nHost: a\r\n%s\r\n",
	    method, fields);
	request_init(&request);
	assert_int_equal(
	    request_feed(&request, &limits, text, (size_t)len), REQUEST_DONE);
	return request;
}

struct cond_row {
	const char *name;
	const char *fields;
	enum cond_result want;
};

#define PROCEED      COND_PROCEED
#define NOT_MODIFIED COND_NOT_MODIFIED
#define FAILED       COND_FAILED

static const struct cond_row table[] = {
	{ "no field", "", PROCEED },
	{ "RFC 9110 13.1.1 match", "If-Match: \"abc\"\r\n", PROCEED },
	{ "RFC 9110 13.1.1 no match", "If-Match: \"xyz\"\r\n", FAILED },
	{ "RFC 9110 13.1.1 any", "If-Match: *\r\n", PROCEED },
	{ "RFC 9110 13.1.1 list, last", "If-Match: \"x\", \"abc\"\r\n",
	    PROCEED },
	{ "RFC 9110 13.1.1 list, none", "If-Match: \"x\", \"y\"\r\n", FAILED },
	{ "RFC 9110 5.3 two lines", "If-Match: \"x\"\r\nIf-Match: \"abc\"\r\n",
	    PROCEED },
	{ "RFC 9110 8.8.3.2 weak does not match strongly",
	    "If-Match: W/\"abc\"\r\n", FAILED },
	{ "RFC 9110 13.1.1 malformed", "If-Match: abc\r\n", FAILED },
	{ "RFC 9110 13.1.1 empty list", "If-Match:\r\n", FAILED },
	{ "If-Match, malformed behind the match", "If-Match: \"abc\", x\r\n",
	    FAILED },
	{ "RFC 9110 13.1.2 match", "If-None-Match: \"abc\"\r\n", NOT_MODIFIED },
	{ "RFC 9110 13.1.2 no match", "If-None-Match: \"xyz\"\r\n", PROCEED },
	{ "RFC 9110 13.1.2 any", "If-None-Match: *\r\n", NOT_MODIFIED },
	{ "RFC 9110 13.1.2 list, first", "If-None-Match: \"abc\", \"x\"\r\n",
	    NOT_MODIFIED },
	{ "RFC 9110 13.1.2 list, last", "If-None-Match: \"x\",\"abc\"\r\n",
	    NOT_MODIFIED },
	{ "RFC 9110 13.1.2 list, none", "If-None-Match: \"x\", \"y\"\r\n",
	    PROCEED },
	{ "RFC 9110 5.3 three lines",
	    "If-None-Match: \"x\"\r\nIf-None-Match: \"y\"\r\n"
	    "If-None-Match: \"abc\"\r\n",
	    NOT_MODIFIED },
	{ "RFC 9110 5.6.1 empty elements", "If-None-Match: , \"abc\",,\r\n",
	    NOT_MODIFIED },
	{ "RFC 9110 8.8.3.2 weak matches weakly",
	    "If-None-Match: W/\"abc\"\r\n", NOT_MODIFIED },
	{ "RFC 9110 8.8.3 w is not W", "If-None-Match: w/\"abc\"\r\n",
	    PROCEED },
	{ "RFC 9110 8.8.3 case matters", "If-None-Match: \"ABC\"\r\n",
	    PROCEED },
	{ "RFC 9110 8.8.3 a comma in a tag",
	    "If-None-Match: \"a,b\", \"abc\""
	    "\r\n",
	    NOT_MODIFIED },
	{ "RFC 9110 8.8.3 a backslash does not escape",
	    "If-None-Match: \"a\\\", \"abc\"\r\n", NOT_MODIFIED },
	{ "RFC 9110 8.8.3 obs-text in a tag",
	    "If-None-Match: \"\xc3\xa4\", \"abc\"\r\n", NOT_MODIFIED },
	{ "RFC 9110 8.8.3 an empty tag", "If-None-Match: \"\"\r\n", PROCEED },
	{ "RFC 9110 8.8.3 no quotes", "If-None-Match: abc\r\n", PROCEED },
	{ "RFC 9110 8.8.3 one quote", "If-None-Match: \"abc\r\n", PROCEED },
	{ "RFC 9110 8.8.3 a space in a tag", "If-None-Match: \"a bc\"\r\n",
	    PROCEED },
	{ "RFC 9110 8.8.3 a space after W/", "If-None-Match: W/ \"abc\"\r\n",
	    PROCEED },
	{ "no comma between tags", "If-None-Match: \"x\" \"abc\"\r\n",
	    PROCEED },
	{ "any, and a tag", "If-None-Match: *, \"abc\"\r\n", PROCEED },
	{ "any, and a tag on another line",
	    "If-None-Match: *\r\nIf-None-Match: \"abc\"\r\n", PROCEED },
	{ "a tag, and any on another line",
	    "If-None-Match: \"abc\"\r\nIf-None-Match: *\r\n", PROCEED },
	{ "a tag with something behind", "If-None-Match: \"abc\"x\r\n",
	    PROCEED },
	{ "RFC 9110 13.1.3 not since then", "If-Modified-Since: " SAME "\r\n",
	    NOT_MODIFIED },
	{ "RFC 9110 13.1.3 not since a later date",
	    "If-Modified-Since: " AFTER "\r\n", NOT_MODIFIED },
	{ "RFC 9110 13.1.3 modified since", "If-Modified-Since: " BEFORE "\r\n",
	    PROCEED },
	{ "RFC 9110 13.1.3 RFC 850 date",
	    "If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT\r\n",
	    NOT_MODIFIED },
	{ "RFC 9110 13.1.3 asctime date",
	    "If-Modified-Since: Sun Nov  6 08:49:37 1994\r\n", NOT_MODIFIED },
	{ "RFC 9110 13.1.3 no date", "If-Modified-Since: today\r\n", PROCEED },
	{ "RFC 9110 13.1.3 more than one member",
	    "If-Modified-Since: " SAME "\r\nIf-Modified-Since: " SAME "\r\n",
	    PROCEED },
	{ "RFC 9110 13.1.3 a list on one line",
	    "If-Modified-Since: " SAME ", " SAME "\r\n", PROCEED },
	{ "a date that is still to come", "If-Modified-Since: " FUTURE "\r\n",
	    PROCEED },
	{ "RFC 9110 13.1.3 the tag wins, no match",
	    "If-None-Match: \"x\"\r\nIf-Modified-Since: " SAME "\r\n",
	    PROCEED },
	{ "RFC 9110 13.1.3 the tag wins, match",
	    "If-None-Match: \"abc\"\r\nIf-Modified-Since: " BEFORE "\r\n",
	    NOT_MODIFIED },
	{ "RFC 9110 13.1.3 the tag wins, malformed",
	    "If-None-Match: x\r\nIf-Modified-Since: " SAME "\r\n", PROCEED },
	{ "RFC 9110 13.1.4 unmodified", "If-Unmodified-Since: " SAME "\r\n",
	    PROCEED },
	{ "RFC 9110 13.1.4 unmodified since a later date",
	    "If-Unmodified-Since: " AFTER "\r\n", PROCEED },
	{ "RFC 9110 13.1.4 modified", "If-Unmodified-Since: " BEFORE "\r\n",
	    FAILED },
	{ "RFC 9110 13.1.4 no date", "If-Unmodified-Since: never\r\n",
	    PROCEED },
	{ "RFC 9110 13.1.4 a list of dates",
	    "If-Unmodified-Since: " BEFORE "\r\nIf-Unmodified-Since: " BEFORE
	    "\r\n",
	    PROCEED },
	{ "RFC 9110 13.1.4 If-Match wins, match",
	    "If-Match: \"abc\"\r\nIf-Unmodified-Since: " BEFORE "\r\n",
	    PROCEED },
	{ "RFC 9110 13.1.4 If-Match wins, no match",
	    "If-Match: \"x\"\r\nIf-Unmodified-Since: " SAME "\r\n", FAILED },
	{ "RFC 9110 13.2.2 both tags hold",
	    "If-Match: \"abc\"\r\nIf-None-Match: \"abc\"\r\n", NOT_MODIFIED },
	{ "RFC 9110 13.2.2 If-Match is first",
	    "If-Match: \"x\"\r\nIf-None-Match: \"abc\"\r\n", FAILED },
	{ "RFC 9110 13.2.2 If-Unmodified-Since is before If-None-Match",
	    "If-Unmodified-Since: " BEFORE "\r\nIf-None-Match: \"abc\"\r\n",
	    FAILED },
	{ "RFC 9110 13.2.2 step 2 holds, step 3 decides",
	    "If-Unmodified-Since: " SAME "\r\nIf-None-Match: \"abc\"\r\n",
	    NOT_MODIFIED },
	{ "RFC 9110 13.2.2 both dates",
	    "If-Unmodified-Since: " SAME "\r\nIf-Modified-Since: " SAME "\r\n",
	    NOT_MODIFIED },
};

static void
check_get(void **state)
{
	const struct cond_row *row = *state;
	struct request request = parse("GET", row->fields);

	assert_int_equal(cond_evaluate(&request, &validators, NOW), row->want);
}

/* RFC 9110 13.2.1: HEAD is as GET. */
static void
check_head(void **state)
{
	const struct cond_row *row = *state;
	struct request request = parse("HEAD", row->fields);

	assert_int_equal(cond_evaluate(&request, &validators, NOW), row->want);
}

/* RFC 9110 13.2.1: other methods have no preconditions here. */
static void
check_options(void **state)
{
	const struct cond_row *row = *state;
	struct request request = parse("OPTIONS", row->fields);

	assert_int_equal(
	    cond_evaluate(&request, &validators, NOW), COND_PROCEED);
}

static const struct cond_row without_validators[] = {
	{ "RFC 9110 13.1.1 any, of a file without tag", "If-Match: *\r\n",
	    PROCEED },
	{ "RFC 9110 13.1.1 a tag, of a file without tag",
	    "If-Match: \"abc\"\r\n", FAILED },
	{ "RFC 9110 13.1.2 any, of a file without tag", "If-None-Match: *\r\n",
	    NOT_MODIFIED },
	{ "RFC 9110 13.1.2 a tag, of a file without tag",
	    "If-None-Match: \"abc\"\r\n", PROCEED },
	{ "RFC 9110 13.1.2 an empty tag, of a file without tag",
	    "If-None-Match: \"\"\r\n", PROCEED },
	{ "RFC 9110 13.1.3 of a file without date",
	    "If-Modified-Since: " SAME "\r\n", PROCEED },
	{ "RFC 9110 13.1.4 of a file without date",
	    "If-Unmodified-Since: " BEFORE "\r\n", PROCEED },
};

static void
check_without_validators(void **state)
{
	static const struct validators none = { 0 };
	const struct cond_row *row = *state;
	struct request request = parse("GET", row->fields);

	assert_int_equal(cond_evaluate(&request, &none, NOW), row->want);
}

static const struct {
	const char *name;
	const char *fields;
	bool want;
} ranges[] = {
	{ "no If-Range", "Range: bytes=0-1\r\n", true },
	{ "RFC 9110 13.1.5 the tag", "If-Range: \"abc\"\r\n", true },
	{ "RFC 9110 13.1.5 another tag", "If-Range: \"x\"\r\n", false },
	{ "RFC 9110 13.1.5 a weak tag", "If-Range: W/\"abc\"\r\n", false },
	{ "RFC 9110 13.1.5 no list", "If-Range: \"abc\", \"x\"\r\n", false },
	{ "RFC 9110 13.1.5 the date", "If-Range: " SAME "\r\n", true },
	{ "RFC 9110 13.1.5 an earlier date", "If-Range: " BEFORE "\r\n",
	    false },
	{ "RFC 9110 13.1.5 a later date", "If-Range: " AFTER "\r\n", false },
	{ "RFC 9110 13.1.5 no date", "If-Range: abc\r\n", false },
	{ "RFC 9110 13.1.5 any is no tag", "If-Range: *\r\n", false },
	{ "RFC 9110 13.1.5 empty", "If-Range:\r\n", false },
};

static void
check_range(void **state)
{
	const __typeof__(*ranges) *row = *state;
	struct request request = parse("GET", row->fields);

	assert_int_equal(
	    cond_range_applies(&request, &validators, NOW), row->want);
}

static void
test_a_range_applies_to_get_alone(void **state)
{
	struct request request = parse("HEAD", "Range: bytes=0-1\r\n");

	(void)state;
	assert_false(cond_range_applies(&request, &validators, NOW));
}

static void
test_a_date_of_this_second_is_not_strong(void **state)
{
	struct request request = parse("GET", "If-Range: " SAME "\r\n");

	(void)state;
	assert_false(cond_range_applies(&request, &validators, MODIFIED));
	assert_true(cond_range_applies(&request, &validators, MODIFIED + 1));
}

static void
test_a_file_without_validators_has_no_range_condition(void **state)
{
	static const struct validators none = { 0 };
	struct request tag = parse("GET", "If-Range: \"\"\r\n");
	struct request date;

	(void)state;
	assert_false(cond_range_applies(&tag, &none, NOW));
	date = parse("GET", "If-Range: Thu, 01 Jan 1970 00:00:00 GMT\r\n");
	assert_false(cond_range_applies(&date, &none, NOW));
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, check_get);
	ROWS_ADD(&rows, table, check_head);
	ROWS_ADD(&rows, table, check_options);
	ROWS_ADD(&rows, without_validators, check_without_validators);
	ROWS_ADD(&rows, ranges, check_range);
	ROWS_TEST(&rows, test_a_range_applies_to_get_alone);
	ROWS_TEST(&rows, test_a_date_of_this_second_is_not_strong);
	ROWS_TEST(&rows, test_a_file_without_validators_has_no_range_condition);
	return rows_run(&rows, "cond");
}
