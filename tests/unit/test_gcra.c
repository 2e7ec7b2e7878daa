/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/gcra.h"

#include "rows.h"

#define SECOND UINT64_C(1000000000)

/* Requests at these times; the waits that they get. */
static const struct row {
	const char *name;
	uint64_t per_hour;
	uint64_t burst;
	struct {
		uint64_t at_ns;
		uint64_t wait_ns;
	} requests[6]; /* one at 0 behind the first ends them */
} rows_table[] = {
	{ "one a second, one at once", 3600, 1,
	    { { 5 * SECOND, 0 }, { 5 * SECOND, SECOND }, { 6 * SECOND - 1, 1 },
		{ 6 * SECOND, 0 }, { 6 * SECOND, SECOND } } },
	{ "three at once, then evenly", 3600, 3,
	    { { 9 * SECOND, 0 }, { 9 * SECOND, 0 }, { 9 * SECOND, 0 },
		{ 9 * SECOND, SECOND }, { 10 * SECOND, 0 },
		{ 10 * SECOND, SECOND } } },
	{ "who is refused is not punished for it", 3600, 1,
	    { { SECOND, 0 }, { SECOND, SECOND }, { SECOND, SECOND },
		{ SECOND + 1, SECOND - 1 }, { 2 * SECOND, 0 } } },
	{ "a rest gives back all, and no more", 3600, 2,
	    { { SECOND, 0 }, { SECOND, 0 }, { 99 * SECOND, 0 },
		{ 99 * SECOND, 0 }, { 99 * SECOND, SECOND } } },
	{ "one an hour", 1, 1,
	    { { 1, 0 }, { 2, 3600 * SECOND - 1 }, { 3600 * SECOND, 1 },
		{ 3600 * SECOND + 1, 0 } } },
	{ "a third of a second is rounded up", 3 * 3600, 1,
	    { { SECOND, 0 }, { SECOND, 333333334 }, { SECOND + 333333333, 1 },
		{ SECOND + 333333334, 0 } } },
	{ "a million a second", UINT64_C(3600000000), 2,
	    { { SECOND, 0 }, { SECOND, 0 }, { SECOND, 1000 },
		{ SECOND + 1000, 0 }, { SECOND + 1000, 1000 } } },
	{ "a clock that stands back a little", 3600, 1,
	    { { 9 * SECOND, 0 }, { 9 * SECOND - 7, SECOND + 7 - 7 },
		{ 10 * SECOND, 0 } } },
};

static void
check_row(void **state)
{
	const struct row *row = *state;
	const struct gcra limit = gcra_make(row->per_hour, row->burst);
	uint64_t even_ns = 0;

	for (int i = 0; i < 6 && (i == 0 || row->requests[i].at_ns != 0); i++)
		assert_int_equal(
		    gcra_take(&limit, &even_ns, row->requests[i].at_ns),
		    row->requests[i].wait_ns);
}

static void
test_zero_is_no_limit(void **state)
{
	const struct gcra limit = gcra_make(0, 1);
	uint64_t even_ns = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_int_equal(gcra_take(&limit, &even_ns, SECOND), 0);
}

static void
test_who_waits_as_long_as_told_is_served(void **state)
{
	const struct gcra limit = gcra_make(7 * 60, 13);
	uint64_t even_ns = 0, now_ns = 12345, nserved = 0;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint64_t wait_ns = gcra_take(&limit, &even_ns, now_ns);

		if (wait_ns == 0) {
			nserved++;
			continue;
		}
		assert_true(wait_ns <= limit.interval_ns);
		now_ns += wait_ns;
		assert_int_equal(gcra_take(&limit, &even_ns, now_ns), 0);
		nserved++;
	}
	/* Never more than the limit, over all of that time. */
	assert_true(nserved <= 13 + (now_ns - 12345) / limit.interval_ns);
}

static void
test_what_a_stricter_limit_set_counts_as_much_as_this_one_could(void **state)
{
	const struct gcra strict = gcra_make(1, 100);
	const struct gcra limit = gcra_make(3600, 5);
	uint64_t even_ns = 0;

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(gcra_take(&strict, &even_ns, SECOND), 0);
	assert_int_equal(gcra_take(&limit, &even_ns, SECOND), SECOND);
	assert_int_equal(even_ns, 6 * SECOND);
	assert_int_equal(gcra_take(&limit, &even_ns, 2 * SECOND), 0);
	assert_int_equal(gcra_take(&limit, &even_ns, 2 * SECOND), SECOND);
}

static void
test_the_end_of_time_is_no_overflow(void **state)
{
	const struct gcra limit = gcra_make(1, 1000000);
	uint64_t even_ns = UINT64_MAX;

	(void)state;
	/* A million hours ahead is a century; 64 bits are five of them. */
	assert_true(limit.ahead_ns / limit.interval_ns == 999999);
	assert_int_equal(
	    gcra_take(&limit, &even_ns, SECOND), limit.interval_ns);
	even_ns = 0;
	assert_int_equal(gcra_take(&limit, &even_ns, UINT64_MAX / 2), 0);
	assert_true(even_ns > UINT64_MAX / 2);
}

static void
test_seconds_are_rounded_up(void **state)
{
	(void)state;
	assert_int_equal(gcra_wait_s(0), 0);
	assert_int_equal(gcra_wait_s(1), 1);
	assert_int_equal(gcra_wait_s(SECOND), 1);
	assert_int_equal(gcra_wait_s(SECOND + 1), 2);
	assert_int_equal(gcra_wait_s(UINT64_MAX), 18446744074);
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, rows_table, check_row);
	ROWS_TEST(&rows, test_zero_is_no_limit);
	ROWS_TEST(&rows, test_who_waits_as_long_as_told_is_served);
	ROWS_TEST(&rows,
	    test_what_a_stricter_limit_set_counts_as_much_as_this_one_could);
	ROWS_TEST(&rows, test_the_end_of_time_is_no_overflow);
	ROWS_TEST(&rows, test_seconds_are_rounded_up);
	return rows_run(&rows, "gcra");
}
