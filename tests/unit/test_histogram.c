/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/histogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
test_each_time_is_in_the_bucket_that_ends_behind_it(void **state)
{
	(void)state;
	for (uint64_t us = 0; us < UINT64_C(1) << 27; us += 1 + us / 64) {
		unsigned bucket = histogram_bucket(us);

		assert_true(bucket < HISTOGRAM_BUCKETS);
		assert_true(us < histogram_end_us(bucket));
		if (bucket > 0)
			assert_true(us >= histogram_end_us(bucket - 1));
	}
}

static void
test_what_is_longer_than_a_minute_is_in_the_last_bucket(void **state)
{
	(void)state;
	assert_int_equal(
	    histogram_bucket((UINT64_C(1) << 26) - 1), HISTOGRAM_BUCKETS - 2);
	assert_int_equal(
	    histogram_bucket(UINT64_C(1) << 26), HISTOGRAM_BUCKETS - 1);
	assert_int_equal(histogram_bucket(UINT64_MAX), HISTOGRAM_BUCKETS - 1);
}

static void
test_a_clock_that_went_back_counts_as_no_time(void **state)
{
	struct histogram histogram = { 0 };

	(void)state;
	histogram_add(&histogram, -5);
	assert_int_equal(histogram.count, 1);
	assert_int_equal(histogram.sum_us, 0);
	assert_int_equal(histogram.buckets[0], 1);
}

static void
test_a_percentile_is_within_an_eighth(void **state)
{
	struct histogram histogram = { 0 };
	uint64_t us;

	(void)state;
	assert_int_equal(histogram_percentile_us(&histogram, 50), 0);
	for (int64_t i = 1; i <= 10000; i++)
		histogram_add(&histogram, i);
	us = histogram_percentile_us(&histogram, 50);
	assert_in_range(us, 5000 - 5000 / 8, 5000 + 5000 / 8);
	us = histogram_percentile_us(&histogram, 99);
	assert_in_range(us, 9900 - 9900 / 8, 9900 + 9900 / 8);
	us = histogram_percentile_us(&histogram, 100);
	assert_in_range(us, 10000 - 10000 / 8, 10000 + 10000 / 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_each_time_is_in_the_bucket_that_ends_behind_it),
		cmocka_unit_test(
		    test_what_is_longer_than_a_minute_is_in_the_last_bucket),
		cmocka_unit_test(test_a_clock_that_went_back_counts_as_no_time),
		cmocka_unit_test(test_a_percentile_is_within_an_eighth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
