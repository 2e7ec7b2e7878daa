/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/escape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct escape_case {
	const char *name;
	struct span in;
	const char *out;
};

static void
test_only_printable_ascii_gets_through(void **state)
{
	const struct escape_case rows[] = {
		{ "nothing", SPAN(""), "" },
		{ "plain text", SPAN("GET /a?b=c~ HTTP/1.1"),
		    "GET /a?b=c~ HTTP/1.1" },
		{ "quote and backslash", SPAN("a\"b\\c"), "a\\\"b\\\\c" },
		{ "line end", SPAN("a\r\nb"), "a\\x0D\\x0Ab" },
		{ "terminal escape", SPAN("\033[2J"), "\\x1B[2J" },
		{ "NUL", SPAN("a\0b"), "a\\x00b" },
		{ "DEL and beyond", SPAN("\x7f\x80\xff"), "\\x7F\\x80\\xFF" },
		{ "UTF-8", SPAN("\xc3\xa9"), "\\xC3\\xA9" },
	};
	char out[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct escape_case *row = &rows[i];
		size_t len = escape_log(out, sizeof(out), row->in);

		if (len != strlen(row->out) || memcmp(out, row->out, len) != 0)
			fail_msg("%s: %.*s", row->name, (int)len, out);
	}
}

static void
test_no_escape_is_cut_in_two(void **state)
{
	static const char whole[] = "ab\\\"\\x00c";
	static const size_t ends[] = { 0, 1, 2, 2, 4, 4, 4, 4, 8, 9 };
	char out[16];

	(void)state;
	for (size_t cap = 0; cap < sizeof(ends) / sizeof(ends[0]); cap++) {
		memset(out, '#', sizeof(out));
		assert_int_equal(
		    escape_log(out, cap, SPAN("ab\"\0c")), ends[cap]);
		assert_memory_equal(out, whole, ends[cap]);
		assert_int_equal(out[ends[cap]], '#');
	}
}

/* What is looked at sixteen bytes at a time, against what is not. */
static void
test_a_byte_is_found_wherever_it_stands(void **state)
{
	char in[50], want[64], out[64];

	(void)state;
	for (size_t at = 0; at < sizeof(in); at++) {
		for (int byte = 0; byte < 256; byte++) {
			size_t n, len;

			memset(in, 'x', sizeof(in));
			in[at] = (char)byte;
			n = escape_log(
			    want + at, 4, (struct span){ in + at, 1 });
			memset(want, 'x', at);
			memset(want + at + n, 'x', sizeof(in) - at - 1);
			len = escape_log(
			    out, sizeof(out), (struct span){ in, sizeof(in) });
			assert_int_equal(len, sizeof(in) - 1 + n);
			assert_memory_equal(out, want, len);
		}
	}
}

static void
test_a_long_text_is_cut_where_the_room_ends(void **state)
{
	char in[64], out[64];

	(void)state;
	memset(in, 'x', sizeof(in));
	for (size_t cap = 0; cap < sizeof(out); cap++) {
		memset(out, '#', sizeof(out));
		assert_int_equal(
		    escape_log(out, cap, (struct span){ in, sizeof(in) }), cap);
		assert_memory_equal(out, in, cap);
		assert_int_equal(out[cap], '#');
	}
}

static void
test_json_has_escapes_of_its_own(void **state)
{
	char out[64];
	struct span text = SPAN("a\"b\\c\n\x7f\xff\0~/");
	size_t len = escape_json(out, sizeof(out), text);

	(void)state;
	out[len] = '\0';
	assert_string_equal(out, "a\\\"b\\\\c\\u000A\\u007F\\u00FF\\u0000~/");
	/* Cut before an escape, not in it. */
	assert_int_equal(escape_json(out, 10, SPAN("12345\n")), 5);
	assert_int_equal(escape_json(out, 11, SPAN("12345\n")), 11);
}

static void
test_every_byte_is_printed_as_visible_text(void **state)
{
	char out[8], byte;

	(void)state;
	for (int i = 0; i < 256; i++) {
		size_t len;

		byte = (char)i;
		len = escape_log(out, sizeof(out), (struct span){ &byte, 1 });
		assert_in_range(len, 1, 4);
		for (size_t j = 0; j < len; j++)
			assert_in_range(out[j], 0x20, 0x7e);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_printable_ascii_gets_through),
		cmocka_unit_test(test_no_escape_is_cut_in_two),
		cmocka_unit_test(test_a_byte_is_found_wherever_it_stands),
		cmocka_unit_test(test_a_long_text_is_cut_where_the_room_ends),
		cmocka_unit_test(test_json_has_escapes_of_its_own),
		cmocka_unit_test(test_every_byte_is_printed_as_visible_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
