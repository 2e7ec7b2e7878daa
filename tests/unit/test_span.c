/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/span.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
test_the_span_of_null_is_the_zero_span(void **state)
{
	struct span span = span_of(NULL);

	(void)state;
	assert_null(span.ptr);
	assert_int_equal(span.len, 0);
	assert_true(span_equal(span, SPAN("")));
	assert_true(span_starts_with(span, span));
}

static void
test_equal_spans_have_the_same_bytes_and_length(void **state)
{
	(void)state;
	assert_true(span_equal(SPAN("a\0b"), SPAN("a\0b")));
	assert_false(span_equal(SPAN("a\0b"), SPAN("a\0c")));
	assert_false(span_equal(SPAN("ab"), SPAN("abc")));
	assert_false(span_equal(SPAN("ab"), SPAN("aB")));
}

static void
test_spans_are_in_the_order_of_their_bytes(void **state)
{
	(void)state;
	assert_int_equal(span_compare(SPAN("a"), SPAN("a")), 0);
	assert_int_equal(span_compare(SPAN(""), (struct span){ 0 }), 0);
	assert_true(span_compare(SPAN("a"), SPAN("b")) < 0);
	assert_true(span_compare(SPAN("b"), SPAN("ab")) > 0);
	assert_true(span_compare(SPAN("a"), SPAN("a/b")) < 0);
	assert_true(span_compare(SPAN("a.b"), SPAN("a")) > 0);
	assert_true(span_compare(SPAN("\xc3"), SPAN("z")) > 0);
}

static void
test_only_ascii_letters_have_a_case(void **state)
{
	(void)state;
	assert_true(span_equal_nocase(SPAN("Keep-ALIVE"), SPAN("keep-alive")));
	assert_false(span_equal_nocase(SPAN("keep-alive"), SPAN("keep_alive")));
	assert_false(span_equal_nocase(SPAN("abc"), SPAN("ab")));
	/* 0x20 apart, but no letters. */
	assert_false(span_equal_nocase(SPAN("@"), SPAN("`")));
	assert_false(span_equal_nocase(SPAN("["), SPAN("{")));
	assert_false(span_equal_nocase(SPAN("\xc4"), SPAN("\xe4")));
}

static void
test_a_span_starts_with_its_prefixes(void **state)
{
	(void)state;
	assert_true(span_starts_with(SPAN("unix:/x"), SPAN("unix:")));
	assert_true(span_starts_with(SPAN("unix:"), SPAN("unix:")));
	assert_true(span_starts_with(SPAN("x"), SPAN("")));
	assert_false(span_starts_with(SPAN("unix"), SPAN("unix:")));
	assert_false(span_starts_with(SPAN("Unix:"), SPAN("unix:")));
}

static void
test_a_span_ends_with_its_suffixes(void **state)
{
	(void)state;
	assert_true(span_ends_with(SPAN("a.gz"), SPAN(".gz")));
	assert_true(span_ends_with(SPAN(".gz"), SPAN(".gz")));
	assert_true(span_ends_with(SPAN("x"), SPAN("")));
	assert_true(span_ends_with(span_of(NULL), span_of(NULL)));
	assert_false(span_ends_with(SPAN("gz"), SPAN(".gz")));
	assert_false(span_ends_with(SPAN("a.gz"), SPAN(".Gz")));
	assert_false(span_ends_with(SPAN("a.gz2"), SPAN(".gz")));
}

static const struct trim_case {
	const char *name;
	const char *in;
	const char *out;
} trim_cases[] = {
	{ "RFC 9110 5.6.3: SP and HTAB", " \t a b \t", "a b" },
	{ "nothing to trim", "ab", "ab" },
	{ "nothing but blanks", " \t ", "" },
	{ "empty", "", "" },
	{ "RFC 9110 5.6.3: no other white space", "\va\r\n", "\va\r\n" },
};

static void
test_optional_white_space_is_trimmed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(trim_cases) / sizeof(trim_cases[0]); i++)
		if (!span_equal(span_trim(span_of(trim_cases[i].in)),
			span_of(trim_cases[i].out)))
			fail_msg("%s", trim_cases[i].name);
}

static const struct list_case {
	const char *name;
	const char *list;
	const char *items[4];
} list_cases[] = {
	{ "RFC 9110 5.6.1: items", "a, b ,c", { "a", "b", "c" } },
	{ "RFC 9110 5.6.1.2: empty elements", " , a,,\t,b,", { "a", "b" } },
	{ "nothing", "", { NULL } },
	{ "only commas", ",,,", { NULL } },
	{ "RFC 9110 5.6.4: comma in a quoted string", "\"a,b\", W/\"c\"",
	    { "\"a,b\"", "W/\"c\"" } },
	{ "RFC 9110 5.6.4: escaped quote", "\"a\\\",b\",c",
	    { "\"a\\\",b\"", "c" } },
	{ "unterminated quoted string", "a,\"b,c", { "a", "\"b,c" } },
	{ "backslash at the end", "\"a\\", { "\"a\\" } },
};

static void
test_a_list_is_taken_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(list_cases) / sizeof(list_cases[0]);
	     i++) {
		const struct list_case *row = &list_cases[i];
		struct span list = span_of(row->list), item;
		size_t n = 0;

		while (span_next_item(&list, &item)) {
			if (!span_equal(item, span_of(row->items[n++])))
				fail_msg("%s: item %zu", row->name, n);
		}
		if (row->items[n] != NULL)
			fail_msg("%s: only %zu items", row->name, n);
		assert_int_equal(list.len, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_span_of_null_is_the_zero_span),
		cmocka_unit_test(
		    test_equal_spans_have_the_same_bytes_and_length),
		cmocka_unit_test(test_spans_are_in_the_order_of_their_bytes),
		cmocka_unit_test(test_only_ascii_letters_have_a_case),
		cmocka_unit_test(test_a_span_starts_with_its_prefixes),
		cmocka_unit_test(test_a_span_ends_with_its_suffixes),
		cmocka_unit_test(test_optional_white_space_is_trimmed),
		cmocka_unit_test(test_a_list_is_taken_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
