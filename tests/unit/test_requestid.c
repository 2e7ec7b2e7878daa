/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/requestid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "rows.h"

static void
test_a_count_stands_behind_a_random_number(void **state)
{
	struct requestid first, second;
	char a[REQUESTID_LEN + 1] = "", b[REQUESTID_LEN + 1] = "";

	(void)state;
	requestid_init(&first);
	requestid_init(&second);
	requestid_draw(&first, a);
	requestid_draw(&second, b);
	assert_string_equal(a + 16, "0000000000000001");
	assert_string_equal(b + 16, "0000000000000001");
	assert_memory_not_equal(a, b, 16);
	assert_int_equal(strspn(a, "0123456789abcdef"), REQUESTID_LEN);
	requestid_draw(&first, b);
	assert_memory_equal(a, b, 16);
	assert_string_equal(b + 16, "0000000000000002");
}

static void
test_the_count_goes_up_by_one(void **state)
{
	struct requestid requestid;
	char text[REQUESTID_LEN + 1] = "", want[17];

	(void)state;
	requestid_init(&requestid);
	for (unsigned i = 1; i <= 70000; i++) {
		requestid_draw(&requestid, text);
		(void)snprintf(want, sizeof(want), "%016x", i);
		assert_string_equal(text + 16, want);
	}
}

struct row {
	const char *name;
	const char *text;
	bool fit;
};

static const struct row table[] = {
	{ "ours", "0123456789abcdef0123456789abcdef", true },
	{ "a UUID", "123e4567-e89b-12d3-a456-426614174000", true },
	{ "letters, dots and underscores", "Az.09_-", true },
	{ "one byte", "x", true },
	{ "64 bytes",
	    "0123456789012345678901234567890123456789012345678901234567890123",
	    true },
	{ "65 bytes",
	    "01234567890123456789012345678901234567890123456789012345678901234",
	    false },
	{ "nothing", "", false },
	{ "a space", "a b", false },
	{ "a quote", "a\"b", false },
	{ "a comma", "a,b", false },
	{ "a line end", "a\r\nSet-Cookie: b", false },
	{ "a byte above ASCII", "a\xff", false },
	{ "a slash", "a/b", false },
};

static void
check_row(void **state)
{
	const struct row *row = *state;

	assert_int_equal(requestid_is_fit(span_of(row->text)), row->fit);
}

static void
test_an_absent_field_is_not_fit(void **state)
{
	(void)state;
	assert_false(requestid_is_fit((struct span){ 0 }));
}

int
main(void)
{
	static struct rows rows;

	ROWS_TEST(&rows, test_a_count_stands_behind_a_random_number);
	ROWS_TEST(&rows, test_the_count_goes_up_by_one);
	ROWS_ADD(&rows, table, check_row);
	ROWS_TEST(&rows, test_an_absent_field_is_not_fit);
	return rows_run(&rows, "requestid");
}
