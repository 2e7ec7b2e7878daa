/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/deadline.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/clock.h"

struct fixture {
	struct event_base *base;
	struct deadlines deadlines;
	struct deadline *expired[8];
	unsigned nexpired;
	uint64_t nwaiting[DEADLINE_KINDS];
	enum deadline_kind again; /* of the wait that then begins, if any */
	bool counted;             /* and no more */
};

static void
on_expired(void *arg, struct deadline *deadline)
{
	struct fixture *f = arg;
	struct clock clock = { 0 };

	f->nexpired++;
	if (f->counted)
		return;
	f->expired[f->nexpired - 1] = deadline;
	if (f->again == DEADLINE_KINDS)
		return;
	(void)clock_update(&clock);
	deadline_enter(&f->deadlines, deadline, f->again, clock.mono_ms);
	f->again = DEADLINE_KINDS;
}

/* Waits that are over at once, and one that never is. */
static int
setup(void **state)
{
	static const int64_t wait_ms[DEADLINE_KINDS] = {
		[DEADLINE_FIRST_BYTE] = 1,
		[DEADLINE_KEEPALIVE] = 3600 * 1000,
		[DEADLINE_HEAD] = 30,
	};
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	f->base = event_base_new();
	if (f->base == NULL)
		return -1;
	f->again = DEADLINE_KINDS;
	deadlines_init(&f->deadlines, f->base, wait_ms, on_expired, f);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	deadlines_fini(&f->deadlines);
	event_base_free(f->base);
	free(f);
	return 0;
}

static int64_t
now_ms(void)
{
	struct clock clock = { 0 };

	(void)clock_update(&clock);
	return clock.mono_ms;
}

static void
test_expires_in_the_order_of_entering(void **state)
{
	struct fixture *f = *state;
	struct deadline first, second, never;
	int64_t now = now_ms();

	deadline_init(&first, f->nwaiting);
	deadline_init(&second, f->nwaiting);
	deadline_init(&never, f->nwaiting);
	deadline_enter(&f->deadlines, &never, DEADLINE_KEEPALIVE, now);
	deadline_enter(&f->deadlines, &first, DEADLINE_HEAD, now);
	deadline_enter(&f->deadlines, &second, DEADLINE_HEAD, now);
	while (f->nexpired < 2)
		assert_int_equal(event_base_loop(f->base, EVLOOP_ONCE), 0);
	assert_ptr_equal(f->expired[0], &first);
	assert_ptr_equal(f->expired[1], &second);
	assert_int_equal(first.kind, DEADLINE_KINDS);
	assert_true(now_ms() - now >= 30);
	assert_ptr_equal(
	    deadline_oldest(&f->deadlines, DEADLINE_KEEPALIVE), &never);
	deadline_leave(&f->deadlines, &never);
}

static void
test_entering_again_begins_a_new_wait(void **state)
{
	struct fixture *f = *state;
	struct deadline moved, other;
	int64_t now = now_ms();

	deadline_init(&moved, f->nwaiting);
	deadline_init(&other, f->nwaiting);
	deadline_enter(&f->deadlines, &moved, DEADLINE_FIRST_BYTE, now);
	deadline_enter(&f->deadlines, &other, DEADLINE_FIRST_BYTE, now);
	deadline_enter(&f->deadlines, &moved, DEADLINE_KEEPALIVE, now);
	assert_ptr_equal(
	    deadline_oldest(&f->deadlines, DEADLINE_FIRST_BYTE), &other);
	while (f->nexpired < 1)
		assert_int_equal(event_base_loop(f->base, EVLOOP_ONCE), 0);
	assert_int_equal(f->nexpired, 1);
	assert_ptr_equal(f->expired[0], &other);
	deadline_leave(&f->deadlines, &moved);
}

static void
test_a_wait_is_counted_where_the_deadline_says(void **state)
{
	struct fixture *f = *state;
	uint64_t apart[DEADLINE_KINDS] = { 0 };
	struct deadline one, other;

	deadline_init(&one, f->nwaiting);
	deadline_init(&other, apart);
	deadline_enter(&f->deadlines, &one, DEADLINE_KEEPALIVE, now_ms());
	deadline_enter(&f->deadlines, &other, DEADLINE_KEEPALIVE, now_ms());
	assert_int_equal(f->nwaiting[DEADLINE_KEEPALIVE], 1);
	assert_int_equal(apart[DEADLINE_KEEPALIVE], 1);
	assert_ptr_equal(deadline_next(&one), &other);
	assert_null(deadline_next(&other));
	deadline_leave(&f->deadlines, &other);
	assert_int_equal(f->nwaiting[DEADLINE_KEEPALIVE], 1);
	assert_int_equal(apart[DEADLINE_KEEPALIVE], 0);
	deadline_leave(&f->deadlines, &one);
}

/* The list of its kind was looked at before. */
static void
test_a_wait_that_begins_when_another_ends_is_not_forgotten(void **state)
{
	struct fixture *f = *state;
	struct deadline deadline;

	deadline_init(&deadline, f->nwaiting);
	f->again = DEADLINE_FIRST_BYTE;
	deadline_enter(&f->deadlines, &deadline, DEADLINE_HEAD, now_ms());
	assert_int_equal(event_base_loop(f->base, EVLOOP_ONCE), 0);
	assert_int_equal(f->nexpired, 1);
	/* 1: there is no event that could end the loop. */
	assert_int_equal(event_base_loop(f->base, EVLOOP_ONCE), 0);
	assert_int_equal(f->nexpired, 2);
}

static void
test_thousands_that_end_together_do_not_hold_up_the_loop(void **state)
{
	struct fixture *f = *state;
	static struct deadline many[3000];
	const unsigned n = sizeof(many) / sizeof(many[0]);
	int64_t now = now_ms();
	unsigned most = 0, rounds = 0;

	f->counted = true;
	for (unsigned i = 0; i < n; i++) {
		deadline_init(&many[i], f->nwaiting);
		deadline_enter(
		    &f->deadlines, &many[i], DEADLINE_FIRST_BYTE, now);
	}
	while (f->nexpired < n) {
		unsigned before = f->nexpired;

		assert_int_equal(event_base_loop(f->base, EVLOOP_ONCE), 0);
		if (f->nexpired - before > most)
			most = f->nexpired - before;
		rounds++;
	}
	assert_in_range(most, 1, 200);
	assert_in_range(rounds, n / 200, n);
	/* They did not wait for a tick each time. */
	assert_true(now_ms() - now < 400);
}

static void
test_leaving_twice_is_harmless(void **state)
{
	struct fixture *f = *state;
	struct deadline deadline;

	deadline_init(&deadline, f->nwaiting);
	deadline_enter(&f->deadlines, &deadline, DEADLINE_FIRST_BYTE, now_ms());
	deadline_leave(&f->deadlines, &deadline);
	deadline_leave(&f->deadlines, &deadline);
	assert_null(deadline_oldest(&f->deadlines, DEADLINE_FIRST_BYTE));
	/* The timer still fires, and finds nothing. */
	assert_int_equal(event_base_loop(f->base, EVLOOP_ONCE), 0);
	assert_int_equal(f->nexpired, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_expires_in_the_order_of_entering),
		TEST(test_entering_again_begins_a_new_wait),
		TEST(test_a_wait_is_counted_where_the_deadline_says),
		TEST(
		    test_a_wait_that_begins_when_another_ends_is_not_forgotten),
		TEST(test_thousands_that_end_together_do_not_hold_up_the_loop),
		TEST(test_leaving_twice_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
