/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define TICK_US (PACE_TICK_MS * INT64_C(1000))

static struct pace
begin(uint64_t rate, uint64_t after)
{
	const struct conf_match match = {
		.rate = rate,
		.bandwidth_after_bytes = after,
	};
	struct pace pace;

	pace_begin(&pace, &match, 0);
	return pace;
}

static void
test_what_flows_in_one_tick_goes_at_once(void **state)
{
	struct pace pace = begin(1000000, 0);

	(void)state;
	assert_int_equal(pace_cut(&pace, 1 << 30), 100000);
	assert_false(pace_holds(&pace, 5000));
	pace_spend(&pace, 100000);
	assert_int_equal(pace_cut(&pace, 1), 0);
	assert_true(pace_holds(&pace, 1));
	assert_false(pace_holds(&pace, 0));
}

static void
test_without_a_rate_nothing_is_held(void **state)
{
	struct pace pace = { .level = -5 };

	(void)state;
	assert_int_equal(pace_cut(&pace, UINT64_MAX), UINT64_MAX);
	pace_spend(&pace, 7);
	assert_int_equal(pace.level, -5);
}

static void
test_what_goes_before_is_not_filled_up(void **state)
{
	struct pace pace = begin(1000, 1000000);

	(void)state;
	pace_fill(&pace, 3600 * INT64_C(1000000));
	assert_int_equal(pace_cut(&pace, UINT32_MAX), 1000100);
	pace_spend(&pace, 1000100);
	assert_true(pace_holds(&pace, 1));
	pace_fill(&pace, 3600 * INT64_C(1000000) + TICK_US);
	assert_int_equal(pace.level, 100);
}

/* However often it is looked at, and however the rate divides. */
static void
test_over_time_none_is_won_and_next_to_none_lost(void **state)
{
	static const struct {
		uint64_t rate;
		int64_t step_us;
	} rows[] = {
		{ 1024, 100 },
		{ 1024, 99999 },
		{ 3333, 7 },
		{ 1000003, 100007 },
		{ UINT64_C(1) << 30, 123457 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pace pace = begin(rows[i].rate, 0);
		const uint64_t first = (uint64_t)pace.level;
		uint64_t gone = 0, due;
		int64_t now = 0;

		while (now < 10 * INT64_C(1000000)) {
			uint64_t n = pace_cut(&pace, UINT32_MAX);

			pace_spend(&pace, n);
			gone += n;
			now += rows[i].step_us;
			pace_fill(&pace, now);
		}
		gone += pace_cut(&pace, UINT32_MAX);
		due = rows[i].rate * (uint64_t)now / 1000000 + first;
		assert_in_range(gone, due - 1 - due / 250, due);
	}
}

static void
test_a_slow_client_saves_up_no_more_than_half_a_second(void **state)
{
	struct pace pace = begin(1000000, 0);

	(void)state;
	pace_fill(&pace, 3600 * INT64_C(1000000));
	assert_int_equal(pace.level, 500000);
}

static void
test_what_was_taken_out_too_soon_is_paid_for(void **state)
{
	struct pace pace = begin(1000, 0);
	int64_t now = 0;

	(void)state;
	pace_spend(&pace, 16100);
	while (pace_holds(&pace, 0)) {
		now += TICK_US;
		pace_fill(&pace, now);
	}
	assert_int_equal(now, 16 * INT64_C(1000000));
	/* One that is looked at late gets no more than a second of it. */
	pace_spend(&pace, 16000);
	pace_fill(&pace, now + 60 * INT64_C(1000000));
	assert_true(pace_holds(&pace, 0));
}

static void
test_a_packet_is_worth_waiting_for(void **state)
{
	struct pace pace = begin(4096, 0);

	(void)state;
	assert_true(pace_holds(&pace, 100000));
	assert_false(pace_holds(&pace, 400));
	pace_fill(&pace, TICK_US);
	assert_true(pace_holds(&pace, 100000));
	pace_fill(&pace, 2 * TICK_US);
	assert_false(pace_holds(&pace, 100000));
}

/* Half a second of the least rate is less than that. */
static void
test_the_least_rate_moves_on(void **state)
{
	struct pace pace = begin(1024, 0);

	(void)state;
	pace_spend(&pace, (uint64_t)pace.level);
	for (int64_t i = 1; i <= 6; i++)
		pace_fill(&pace, i * TICK_US);
	assert_false(pace_holds(&pace, 100000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_flows_in_one_tick_goes_at_once),
		cmocka_unit_test(test_without_a_rate_nothing_is_held),
		cmocka_unit_test(test_what_goes_before_is_not_filled_up),
		cmocka_unit_test(
		    test_over_time_none_is_won_and_next_to_none_lost),
		cmocka_unit_test(
		    test_a_slow_client_saves_up_no_more_than_half_a_second),
		cmocka_unit_test(test_what_was_taken_out_too_soon_is_paid_for),
		cmocka_unit_test(test_a_packet_is_worth_waiting_for),
		cmocka_unit_test(test_the_least_rate_moves_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
