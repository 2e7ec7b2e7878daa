/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/date.h"

#include "rows.h"

#define NOW INT64_C(1767225600) /* 2026-01-01 00:00:00 */

struct format_row {
	const char *name;
	int64_t seconds;
	const char *text;
};

static const struct format_row formats[] = {
	{ "RFC 9110 5.6.7 its example", 784111777,
	    "Sun, 06 Nov 1994 08:49:37 GMT" },
	{ "the epoch", 0, "Thu, 01 Jan 1970 00:00:00 GMT" },
	{ "one second before the epoch", -1, "Wed, 31 Dec 1969 23:59:59 GMT" },
	{ "one day before the epoch", -86400, "Wed, 31 Dec 1969 00:00:00 GMT" },
	{ "leap day of a 400th year", 951782400,
	    "Tue, 29 Feb 2000 00:00:00 GMT" },
	{ "the day after a leap day", 951868800,
	    "Wed, 01 Mar 2000 00:00:00 GMT" },
	{ "no leap day in a 100th year", INT64_C(4107542400),
	    "Mon, 01 Mar 2100 00:00:00 GMT" },
	{ "last second of a year", 1767225599,
	    "Wed, 31 Dec 2025 23:59:59 GMT" },
	{ "past 2038", INT64_C(2147483648), "Tue, 19 Jan 2038 03:14:08 GMT" },
	{ "the last date", INT64_C(253402300799),
	    "Fri, 31 Dec 9999 23:59:59 GMT" },
	{ "after the last date is clamped", INT64_C(253402300800),
	    "Fri, 31 Dec 9999 23:59:59 GMT" },
	{ "far after is clamped", INT64_MAX, "Fri, 31 Dec 9999 23:59:59 GMT" },
	{ "the first date", INT64_C(-62167219200),
	    "Sat, 01 Jan 0000 00:00:00 GMT" },
	{ "before the first date is clamped", INT64_MIN,
	    "Sat, 01 Jan 0000 00:00:00 GMT" },
	{ "leap day of year 0", INT64_C(-62162121600),
	    "Tue, 29 Feb 0000 00:00:00 GMT" },
};

static void
check_format(void **state)
{
	const struct format_row *row = *state;
	char out[DATE_IMF_LEN];

	date_format_imf(out, row->seconds);
	assert_memory_equal(out, row->text, DATE_IMF_LEN);
}

struct parse_row {
	const char *name;
	const char *text;
	int64_t seconds;
};

static const struct parse_row dates[] = {
	{ "RFC 9110 5.6.7 IMF-fixdate", "Sun, 06 Nov 1994 08:49:37 GMT",
	    784111777 },
	{ "RFC 9110 5.6.7 RFC 850", "Sunday, 06-Nov-94 08:49:37 GMT",
	    784111777 },
	{ "RFC 9110 5.6.7 asctime", "Sun Nov  6 08:49:37 1994", 784111777 },
	{ "asctime, day of two digits", "Wed Nov 16 08:49:37 1994", 784975777 },
	{ "asctime, day with a zero", "Sun Nov 06 08:49:37 1994", 784111777 },
	{ "leap day", "Tue, 29 Feb 2000 00:00:00 GMT", 951782400 },
	{ "leap second is the next minute", "Sat, 31 Dec 2016 23:59:60 GMT",
	    1483228800 },
	{ "before the epoch", "Wed, 31 Dec 1969 23:59:59 GMT", -1 },
	{ "year 0", "Sat, 01 Jan 0000 00:00:00 GMT", INT64_C(-62167219200) },
	{ "year 9999", "Fri, 31 Dec 9999 23:59:59 GMT", INT64_C(253402300799) },
	{ "RFC 9110 5.6.7 two digits, this year",
	    "Thursday, 01-Jan-26 00:00:00 GMT", NOW },
	{ "RFC 9110 5.6.7 two digits, 50 years on",
	    "Wednesday, 01-Jan-76 00:00:00 GMT", INT64_C(3345062400) },
	{ "RFC 9110 5.6.7 two digits, 50 years and a day on is past",
	    "Friday, 02-Jan-76 00:00:00 GMT", 189388800 },
	{ "RFC 9110 5.6.7 two digits, 99", "Friday, 31-Dec-99 23:59:59 GMT",
	    946684799 },
	{ "Monday", "Monday, 05-Jan-26 00:00:00 GMT", NOW + 4 * 86400 },
	{ "Tuesday", "Tuesday, 06-Jan-26 00:00:00 GMT", NOW + 5 * 86400 },
	{ "Saturday", "Saturday, 03-Jan-26 00:00:00 GMT", NOW + 2 * 86400 },
};

static void
check_parse(void **state)
{
	const struct parse_row *row = *state;
	int64_t seconds;

	assert_true(date_parse(span_of(row->text), NOW, &seconds));
	assert_int_equal(seconds, row->seconds);
}

static const struct {
	const char *name;
	const char *text;
} no_dates[] = {
	{ "empty", "" },
	{ "short", "Sun" },
	{ "a number", "784111777" },
	{ "wrong day name", "Mon, 06 Nov 1994 08:49:37 GMT" },
	{ "wrong long day name", "Monday, 06-Nov-94 08:49:37 GMT" },
	{ "wrong asctime day name", "Mon Nov  6 08:49:37 1994" },
	{ "RFC 9110 5.6.7 lower case day", "sun, 06 Nov 1994 08:49:37 GMT" },
	{ "RFC 9110 5.6.7 lower case month", "Sun, 06 nov 1994 08:49:37 GMT" },
	{ "RFC 9110 5.6.7 lower case zone", "Sun, 06 Nov 1994 08:49:37 gmt" },
	{ "another zone", "Sun, 06 Nov 1994 08:49:37 UTC" },
	{ "a numeric zone", "Sun, 06 Nov 1994 08:49:37 +0000" },
	{ "no zone", "Sun, 06 Nov 1994 08:49:37" },
	{ "day of one digit", "Sun, 6 Nov 1994 08:49:37 GMT" },
	{ "day 0", "Mon, 00 Nov 1994 08:49:37 GMT" },
	{ "day 31 of a month of 30", "Thu, 31 Nov 1994 08:49:37 GMT" },
	{ "no leap year", "Wed, 29 Feb 1995 08:49:37 GMT" },
	{ "no leap year, 100", "Mon, 29 Feb 2100 08:49:37 GMT" },
	{ "hour 24", "Sun, 06 Nov 1994 24:00:00 GMT" },
	{ "minute 60", "Sun, 06 Nov 1994 08:60:00 GMT" },
	{ "second 61", "Sun, 06 Nov 1994 08:49:61 GMT" },
	{ "a month that is none", "Sun, 06 Nox 1994 08:49:37 GMT" },
	{ "two spaces", "Sun,  06 Nov 1994 08:49:37 GMT" },
	{ "space in front", " Sun, 06 Nov 1994 08:49:37 GMT" },
	{ "something behind", "Sun, 06 Nov 1994 08:49:37 GMT;" },
	{ "a list of dates",
	    "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT" },
	{ "year of five digits", "Sun, 06 Nov 19940 08:49:37 GMT" },
	{ "RFC 850 with a short day", "Sun, 06-Nov-94 08:49:37 GMT" },
	{ "RFC 850 with four digits", "Sunday, 06-Nov-1994 08:49:37 GMT" },
	{ "asctime with a zone", "Sun Nov  6 08:49:37 1994 GMT" },
	{ "asctime, day of one digit", "Sun Nov 6 08:49:37 1994" },
	{ "ISO 8601", "1994-11-06T08:49:37Z" },
	{ "a sign for a digit", "Sun, +6 Nov 1994 08:49:37 GMT" },
};

static void
check_no_date(void **state)
{
	const __typeof__(*no_dates) *row = *state;
	int64_t seconds;

	assert_false(date_parse(span_of(row->text), NOW, &seconds));
}

static void
test_every_day_is_read_as_it_was_written(void **state)
{
	char out[DATE_IMF_LEN];
	int64_t seconds, again;

	(void)state;
	/* Some 3,600 days a millennium, at another time of day each. */
	for (seconds = INT64_C(-62167219200); seconds < INT64_C(253402300800);
	     seconds += 100 * 86400 + 4567) {
		date_format_imf(out, seconds);
		assert_true(
		    date_parse((struct span){ out, sizeof(out) }, NOW, &again));
		assert_int_equal(again, seconds);
	}
}

static void
test_no_prefix_of_a_date_is_a_date(void **state)
{
	struct span text = SPAN("Sunday, 06-Nov-94 08:49:37 GMT");
	int64_t seconds;

	(void)state;
	while (text.len-- > 0)
		assert_false(date_parse(text, NOW, &seconds));
}

static void
test_two_digits_late_in_a_century_are_of_the_next(void **state)
{
	int64_t seconds;

	(void)state;
	/* Seen on 1999-12-31. */
	assert_true(date_parse(
	    SPAN("Thursday, 02-Jan-03 00:00:00 GMT"), 946598400, &seconds));
	assert_int_equal(seconds, 1041465600);
}

/* A clock that nobody set counts as one at the epoch. */
static void
test_two_digits_are_read_whatever_the_clock_says(void **state)
{
	static const int64_t clocks[] = { INT64_MIN, -1, 0,
		INT64_C(253402300800), INT64_MAX };
	int64_t seconds;

	(void)state;
	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		assert_true(date_parse(SPAN("Thursday, 01-Jan-70 00:00:00 GMT"),
		    clocks[i], &seconds));
		assert_int_equal(seconds, 0);
	}
}

static const struct {
	const char *name;
	int64_t seconds;
	const char *want;
} iso_dates[] = {
	{ "a day of the RFC", 784111777, "1994-11-06T08:49:37" },
	{ "a leap day", 951782400, "2000-02-29T00:00:00" },
	{ "before 1970", -1, "1969-12-31T23:59:59" },
	{ "clamped below", INT64_MIN, "0000-01-01T00:00:00" },
	{ "clamped above", INT64_MAX, "9999-12-31T23:59:59" },
};

static void
check_iso(void **state)
{
	const __typeof__(*iso_dates) *row = *state;
	char out[DATE_ISO_LEN + 1] = "";

	date_format_iso(out, row->seconds, 'T');
	assert_string_equal(out, row->want);
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, formats, check_format);
	ROWS_ADD(&rows, iso_dates, check_iso);
	ROWS_ADD(&rows, dates, check_parse);
	ROWS_ADD(&rows, no_dates, check_no_date);
	ROWS_TEST(&rows, test_every_day_is_read_as_it_was_written);
	ROWS_TEST(&rows, test_no_prefix_of_a_date_is_a_date);
	ROWS_TEST(&rows, test_two_digits_late_in_a_century_are_of_the_next);
	ROWS_TEST(&rows, test_two_digits_are_read_whatever_the_clock_says);
	return rows_run(&rows, "date");
}
