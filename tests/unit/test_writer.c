/* SPDX-License-Identifier: BSD-2-Clause */
#include "status/writer.h"

#include <stdio.h>

#include "rows.h"

static void
test_what_does_not_fit_is_left_out_and_remembered(void **state)
{
	struct writer writer;
	char data[8];

	(void)state;
	writer_init(&writer, data, sizeof(data));
	writer_put(&writer, SPAN("12345"));
	assert_int_equal(writer_room(&writer), 3);
	assert_false(writer.full);
	writer_put(&writer, SPAN("6789"));
	assert_true(writer.full);
	assert_int_equal(writer_room(&writer), 0);
	/* Not even what would: a text without its middle is another one. */
	writer_put(&writer, SPAN("6"));
	assert_int_equal(writer.len, 5);
	assert_memory_equal(data, "12345", 5);
}

static void
test_a_format_needs_room_for_its_nul(void **state)
{
	struct writer writer;
	char data[6];

	(void)state;
	writer_init(&writer, data, sizeof(data));
	writer_format(&writer, "%d-%s", 12, "ab");
	assert_false(writer.full);
	assert_int_equal(writer.len, 5);
	writer_format(&writer, "%s", "c");
	assert_true(writer.full);
	assert_int_equal(writer.len, 5);
	writer_format(&writer, "%s", "");
	assert_int_equal(writer.len, 5);
}

static const struct seconds_row {
	const char *name;
	uint64_t us;
} seconds_rows[] = {
	{ "0", 0 },
	{ "0.000001", 1 },
	{ "0.00001", 10 },
	{ "0.000128", 128 },
	{ "0.5", 500000 },
	{ "1", 1000000 },
	{ "1.000001", 1000001 },
	{ "67.108864", UINT64_C(1) << 26 },
	{ "18446744073709.551615", UINT64_MAX },
};

static void
check_seconds(void **state)
{
	const struct seconds_row *row = *state;
	struct writer writer;
	char data[64];

	writer_init(&writer, data, sizeof(data));
	writer_put_seconds(&writer, row->us);
	assert_span(((struct span){ data, writer.len }), row->name);
}

static const struct foreign_row {
	const char *name;
	const char *text;
	const char *plain;
	const char *quoted; /* NULL: as plain */
} foreign_rows[] = {
	{ "letters", "abc", "abc", NULL },
	{ "nothing", "", "", NULL },
	{ "quote and backslash", "a\"b\\c", "a\"b\\c", "a\\\"b\\\\c" },
	{ "controls", "a\n\033[2J\x7f", "a??[2J?", NULL },
	{ "two bytes", "\xc3\xa4", "\xc3\xa4", NULL },
	{ "three bytes", "\xe2\x82\xac", "\xe2\x82\xac", NULL },
	{ "four bytes", "\xf0\x9f\x8d\xb4", "\xf0\x9f\x8d\xb4", NULL },
	{ "C1 controls", "\xc2\x9b", "??", NULL },
	{ "Latin-1", "caf\xe9", "caf?", NULL },
	{ "cut off", "\xe2\x82", "??", NULL },
	{ "overlong", "\xc0\xaf\xe0\x80\xaf", "?????", NULL },
	{ "a surrogate", "\xed\xa0\x80", "???", NULL },
	{ "beyond Unicode", "\xf4\x90\x80\x80\xf5", "?????", NULL },
	{ "a tail alone",
	    "\x80"
	    "a",
	    "?a", NULL },
};

static void
check_foreign(void **state)
{
	const struct foreign_row *row = *state;
	struct writer writer;
	char data[64], want[64];

	writer_init(&writer, data, sizeof(data));
	writer_put_foreign(&writer, row->text, false);
	assert_span(((struct span){ data, writer.len }), row->plain);
	writer_init(&writer, data, sizeof(data));
	writer_put_foreign(&writer, row->text, true);
	(void)snprintf(want, sizeof(want), "\"%s\"",
	    row->quoted == NULL ? row->plain : row->quoted);
	assert_span(((struct span){ data, writer.len }), want);
}

int
main(void)
{
	static struct rows rows;

	ROWS_TEST(&rows, test_what_does_not_fit_is_left_out_and_remembered);
	ROWS_TEST(&rows, test_a_format_needs_room_for_its_nul);
	ROWS_ADD(&rows, seconds_rows, check_seconds);
	ROWS_ADD(&rows, foreign_rows, check_foreign);
	return rows_run(&rows, "writer");
}
