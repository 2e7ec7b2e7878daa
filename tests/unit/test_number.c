/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/number.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct parse_case {
	int (*parse)(struct span text, uint64_t *value);
	const char *text;
	uint64_t value;
	int error; /* 0: none */
} parse_cases[] = {
	{ number_parse_u64, "0", 0, 0 },
	{ number_parse_u64, "007", 7, 0 },
	{ number_parse_u64, "18446744073709551615", UINT64_MAX, 0 },
	{ number_parse_u64, "18446744073709551616", 0, ERANGE },
	{ number_parse_u64, "99999999999999999999", 0, ERANGE },
	{ number_parse_u64, "99999999999999999999-1", 0, EINVAL },
	{ number_parse_u64, "", 0, EINVAL },
	{ number_parse_u64, "+1", 0, EINVAL },
	{ number_parse_u64, "-1", 0, EINVAL },
	{ number_parse_u64, " 1", 0, EINVAL },
	{ number_parse_u64, "1 ", 0, EINVAL },
	{ number_parse_u64, "1,2", 0, EINVAL },
	{ number_parse_u64, "0x1", 0, EINVAL },
	{ number_parse_u64, "a", 0, EINVAL },
	{ number_parse_u64, "\xd9\xa1", 0, EINVAL },
	{ number_parse_bytes, "512", 512, 0 },
	{ number_parse_bytes, "16k", 16384, 0 },
	{ number_parse_bytes, "1M", 1048576, 0 },
	{ number_parse_bytes, "2g", UINT64_C(2147483648), 0 },
	{ number_parse_bytes, "18014398509481984k", 0, ERANGE },
	{ number_parse_bytes, "1kb", 0, EINVAL },
	{ number_parse_bytes, "1 k", 0, EINVAL },
	{ number_parse_bytes, "k", 0, EINVAL },
	{ number_parse_bytes, "1.5k", 0, EINVAL },
	{ number_parse_bytes, "16s", 0, EINVAL },
	{ number_parse_duration, "15", 15000, 0 },
	{ number_parse_duration, "250ms", 250, 0 },
	{ number_parse_duration, "15s", 15000, 0 },
	{ number_parse_duration, "2m", 120000, 0 },
	{ number_parse_duration, "1H", 3600000, 0 },
	{ number_parse_duration, "1d", 86400000, 0 },
	{ number_parse_duration, "18446744073709552s", 0, ERANGE },
	{ number_parse_duration, "1h30m", 0, EINVAL },
	{ number_parse_duration, "1.5s", 0, EINVAL },
	{ number_parse_duration, "ms", 0, EINVAL },
	{ number_parse_duration, "5y", 0, EINVAL },
	{ number_parse_rate, "20/s", 72000, 0 },
	{ number_parse_rate, "100/m", 6000, 0 },
	{ number_parse_rate, "7/H", 7, 0 },
	{ number_parse_rate, "0/s", 0, 0 },
	{ number_parse_rate, "20", 0, EINVAL },
	{ number_parse_rate, "20/d", 0, EINVAL },
	{ number_parse_rate, "20 /s", 0, EINVAL },
	{ number_parse_rate, "/s", 0, EINVAL },
	{ number_parse_rate, "18446744073709551615/m", 0, ERANGE },
};

static void
test_only_numbers_are_read_as_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(parse_cases) / sizeof(parse_cases[0]);
	     i++) {
		const struct parse_case *row = &parse_cases[i];
		uint64_t value = 0;
		int result;

		errno = 0;
		result = row->parse(span_of(row->text), &value);
		if (result != (row->error == 0 ? 0 : -1) ||
		    value != row->value || errno != row->error)
			fail_msg("row %zu: \"%s\"", i, row->text);
	}
}

static void
test_digits_end_with_the_span(void **state)
{
	uint64_t value;

	(void)state;
	assert_int_equal(
	    number_parse_u64((struct span){ "1234", 2 }, &value), 0);
	assert_int_equal(value, 12);
	assert_int_equal(
	    number_parse_u64((struct span){ "1\0002", 3 }, &value), -1);
}

static void
test_decimal_numbers_are_written_without_a_nul(void **state)
{
	static const struct {
		uint64_t value;
		const char *text;
	} rows[] = {
		{ 0, "0" },
		{ 9, "9" },
		{ 10, "10" },
		{ 1234567890, "1234567890" },
		{ UINT64_MAX, "18446744073709551615" },
	};
	char out[NUMBER_U64_DIGITS + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i].text);

		memset(out, '#', sizeof(out));
		assert_int_equal(number_format_u64(out, rows[i].value), len);
		assert_memory_equal(out, rows[i].text, len);
		assert_int_equal(out[len], '#');
	}
}

static void
test_base_36_is_the_shortest_text(void **state)
{
	static const struct {
		uint64_t value;
		const char *text;
	} rows[] = {
		{ 0, "0" },
		{ 35, "z" },
		{ 36, "10" },
		{ UINT64_MAX, "3w5e11264sgsf" },
	};
	char out[NUMBER_U64_DIGITS];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i].text);

		assert_int_equal(number_format_base36(out, rows[i].value), len);
		assert_memory_equal(out, rows[i].text, len);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_numbers_are_read_as_numbers),
		cmocka_unit_test(test_digits_end_with_the_span),
		cmocka_unit_test(
		    test_decimal_numbers_are_written_without_a_nul),
		cmocka_unit_test(test_base_36_is_the_shortest_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
