/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/format.h"

#include <string.h>

#include "rows.h"

struct row {
	const char *name;
	const char *(*format)(char out[FORMAT_BYTES], uint64_t value);
	uint64_t value;
	const char *want;
};

static const struct row table[] = {
	{ "no byte", format_size, 0, "0 B" },
	{ "the last byte", format_size, 999, "999 B" },
	{ "the first kilobyte", format_size, 1000, "1.0 kB" },
	{ "rounded", format_size, 1250000, "1.2 MB" },
	{ "not rounded up to a thousand", format_size, 999949, "999.9 kB" },
	{ "but to the next unit", format_size, 999950, "1.0 MB" },
	{ "the largest", format_size, UINT64_MAX, "18.4 EB" },
	{ "no time", format_duration, 0, "0.0 s" },
	{ "less than a second", format_duration, 450, "0.4 s" },
	{ "seconds", format_duration, 99999, "99.9 s" },
	{ "minutes", format_duration, 100000, "1 min 40 s" },
	{ "the last minute", format_duration, 5999999, "99 min 59 s" },
	{ "hours", format_duration, 6000000, "1 h 40 min" },
};

static void
check_row(void **state)
{
	const struct row *row = *state;
	char out[FORMAT_BYTES];

	assert_string_equal(row->format(out, row->value), row->want);
}

static void
test_the_longest_time_fits(void **state)
{
	char out[FORMAT_BYTES];

	(void)state;
	assert_true(strlen(format_duration(out, UINT64_MAX)) < FORMAT_BYTES);
}

static void
test_parts(void **state)
{
	char out[FORMAT_BYTES];

	(void)state;
	assert_string_equal(format_part(out, 0, 0), "-");
	assert_string_equal(format_part(out, 1, 3), "33.3 %");
	assert_string_equal(format_part(out, 7, 7), "100.0 %");
	assert_true(strlen(format_part(out, UINT64_MAX, 1)) < FORMAT_BYTES);
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, check_row);
	ROWS_TEST(&rows, test_the_longest_time_fits);
	ROWS_TEST(&rows, test_parts);
	return rows_run(&rows, "format");
}
