/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

/* The coarse clocks lag behind by at most a tick of the kernel, 10 ms. */
#define TICK_MS 10

static int64_t
mono_ms(void)
{
	struct timespec ts;

	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &ts), 0);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
test_both_clocks_show_the_time(void **state)
{
	struct clock clock = { 0 };
	int64_t before = mono_ms();
	time_t wall = time(NULL);
	struct timespec after;

	(void)state;
	(void)clock_update(&clock);
	assert_true(clock.mono_ms >= before - TICK_MS - 1);
	assert_true(clock.mono_ms <= mono_ms());
	assert_true(clock.wall_s >= wall - 1);
	/* time(2) may lag behind by a tick. */
	assert_int_equal(clock_gettime(CLOCK_REALTIME, &after), 0);
	assert_true(clock.wall_s <= after.tv_sec);
}

static void
test_a_new_second_is_told(void **state)
{
	struct clock clock = { 0 };
	int64_t wall_s;

	(void)state;
	assert_true(clock_update(&clock));
	wall_s = clock.wall_s;
	/* Another second may begin at any time, but not twice in a row. */
	if (clock_update(&clock)) {
		assert_int_not_equal(clock.wall_s, wall_s);
		assert_false(clock_update(&clock));
	}
	clock.wall_s--;
	assert_true(clock_update(&clock));
}

static void
test_the_monotonic_clock_never_goes_back(void **state)
{
	struct clock clock = { 0 };
	int64_t last = 0;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		(void)clock_update(&clock);
		assert_true(clock.mono_ms >= last);
		last = clock.mono_ms;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_clocks_show_the_time),
		cmocka_unit_test(test_a_new_second_is_told),
		cmocka_unit_test(test_the_monotonic_clock_never_goes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
