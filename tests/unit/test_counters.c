/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/counters.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "http/coding.h"
#include "http/request.h"
#include "http/verdict.h"

static void
test_counters_add_up_from_the_first_to_the_last(void **state)
{
	struct counters sum = { .accepted = 1, .now.heap_bytes = 10 };
	struct counters one = { .accepted = 2,
		.answers[METHOD_HEAD][4] = 3,
		.latency.buckets[HISTOGRAM_BUCKETS - 1] = 4,
		.now = { .open = 5, .heap_bytes = 6 } };

	(void)state;
	counters_add(&sum, &one);
	counters_add(&sum, &one);
	assert_int_equal(sum.accepted, 5);
	assert_int_equal(sum.answers[METHOD_HEAD][4], 6);
	assert_int_equal(sum.latency.buckets[HISTOGRAM_BUCKETS - 1], 8);
	assert_int_equal(sum.now.open, 10);
	assert_int_equal(sum.now.heap_bytes, 22);
	assert_int_equal(sum.requests, 0);
}

static void
test_what_was_before_is_taken_away_and_what_is_now_stays(void **state)
{
	struct counters all = { .accepted = 7,
		.requests = 1,
		.first_byte.buckets[HISTOGRAM_BUCKETS - 1] = 4,
		.now = { .open = 5, .heap_bytes = 6 } };
	const struct counters before = { .accepted = 2,
		.requests = 3,
		.first_byte.buckets[HISTOGRAM_BUCKETS - 1] = 4,
		.now = { .open = 1, .heap_bytes = 1 } };

	(void)state;
	counters_subtract(&all, &before);
	assert_int_equal(all.accepted, 5);
	assert_int_equal(all.requests, 0);
	assert_int_equal(all.first_byte.buckets[HISTOGRAM_BUCKETS - 1], 0);
	assert_int_equal(all.now.open, 5);
	assert_int_equal(all.now.heap_bytes, 6);
}

static void
test_there_is_a_count_for_each_kind(void **state)
{
	(void)state;
	assert_int_equal(COUNTERS_METHODS, METHOD_OTHER + 1);
	assert_int_equal(COUNTERS_CODINGS, CODING_COUNT);
	assert_true(VERDICT_COUNT <= COUNTERS_VERDICTS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_counters_add_up_from_the_first_to_the_last),
		cmocka_unit_test(
		    test_what_was_before_is_taken_away_and_what_is_now_stays),
		cmocka_unit_test(test_there_is_a_count_for_each_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
