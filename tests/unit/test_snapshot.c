/* SPDX-License-Identifier: BSD-2-Clause */
#include "status/snapshot.h"

#include "figures.h"

static void
test_processes_come_by_slot_and_the_newest_first(void **state)
{
	static const int pids[] = { 203, 201, 202 };
	struct figures *s = *state;
	struct board_place place;
	struct counters own;

	snapshot_take(&s->snapshot, s->board, &s->clock, true);
	assert_int_equal(s->snapshot.nprocesses, 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(
		    snapshot_get_process(&s->snapshot, i, &place, &own));
		assert_int_equal(place.pid, pids[i]);
	}
	assert_int_equal(s->snapshot.nin_state[BOARD_SERVING], 2);
	assert_int_equal(s->snapshot.nin_state[BOARD_DRAINING], 1);
	assert_int_equal(s->snapshot.nslots, 2);
}

static void
test_a_process_that_ended_meanwhile_is_told(void **state)
{
	struct figures *s = *state;
	struct board_place place;
	struct counters own;

	snapshot_take(&s->snapshot, s->board, &s->clock, true);
	board_free(s->board, &s->board->places[1]);
	assert_true(snapshot_get_process(&s->snapshot, 0, &place, &own));
	assert_false(snapshot_get_process(&s->snapshot, 1, &place, &own));
}

static void
test_the_sandbox_is_what_keeps_in_all_that_serve(void **state)
{
	struct figures *s = *state;

	/* The one that drains has another configuration. */
	s->board->sandbox[1] = 0;
	snapshot_take(&s->snapshot, s->board, &s->clock, true);
	assert_int_equal(s->snapshot.sandbox, FIGURES_SANDBOX);
	s->board->sandbox[0] |= SANDBOX_CHROOT;
	snapshot_take(&s->snapshot, s->board, &s->clock, true);
	assert_int_equal(s->snapshot.sandbox, FIGURES_SANDBOX);
	s->board->sandbox[0] = 0;
	snapshot_take(&s->snapshot, s->board, &s->clock, true);
	assert_int_equal(s->snapshot.sandbox, 0);
}

static void
test_sums_are_of_all_and_slots_of_the_living(void **state)
{
	struct figures *s = *state;

	board_free(s->board, &s->board->places[1]);
	snapshot_take(&s->snapshot, s->board, &s->clock, true);
	assert_int_equal(s->snapshot.sum.requests, 112);
	assert_int_equal(s->snapshot.slots[1].open, 3);
	assert_int_equal(s->snapshot.slots[1].lent, 4);
	assert_int_equal(s->snapshot.slots[0].heap_calls, 1);
	assert_int_equal(s->snapshot.respawns, 2);
}

static void
test_a_full_board_is_in_order(void **state)
{
	struct figures *s = *state;
	struct board_place *place, now, before = { 0 };
	struct counters own;

	for (unsigned i = 3; (place = board_take(s->board)) != NULL; i++)
		*place = (struct board_place){ .pid = (int)i + 1,
			.slot = i * 7919 % BOARD_SLOTS,
			.generation = 1 + i * 104729 % 100 };
	snapshot_take(&s->snapshot, s->board, &s->clock, true);
	assert_int_equal(s->snapshot.nprocesses, BOARD_PLACES);
	assert_int_equal(s->snapshot.nslots, BOARD_SLOTS);
	for (unsigned i = 0; i < BOARD_PLACES; i++) {
		assert_true(snapshot_get_process(&s->snapshot, i, &now, &own));
		assert_true(now.slot >= before.slot);
		assert_true(now.slot > before.slot || i == 0 ||
			    now.generation <= before.generation);
		before = now;
	}
}

static void
test_the_phase_follows_the_master(void **state)
{
	struct figures *s = *state;

	snapshot_take(&s->snapshot, s->board, &s->clock, true);
	assert_string_equal(snapshot_phase_name(&s->snapshot), "ready");
	s->board->ready = 0;
	snapshot_take(&s->snapshot, s->board, &s->clock, true);
	assert_string_equal(snapshot_phase_name(&s->snapshot), "stopping");
	s->board->loaded_s = 0;
	snapshot_take(&s->snapshot, s->board, &s->clock, true);
	assert_string_equal(snapshot_phase_name(&s->snapshot), "starting");
}

static void
test_what_makes_no_sense_is_left_out(void **state)
{
	struct figures *s = *state;

	s->board->places[0].slot = BOARD_SLOTS;
	s->board->places[1].state = 17;
	s->board->nslots = BOARD_SLOTS + 1;
	snapshot_take(&s->snapshot, s->board, &s->clock, true);
	assert_int_equal(s->snapshot.nprocesses, 2);
	assert_int_equal(s->snapshot.nin_state[BOARD_SERVING], 1);
	assert_int_equal(s->snapshot.nslots, BOARD_SLOTS);
	assert_int_equal(snapshot_age_s(&s->snapshot, FIGURES_NOW + 60), 0);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, figures_setup, figures_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_processes_come_by_slot_and_the_newest_first),
		TEST(test_a_process_that_ended_meanwhile_is_told),
		TEST(test_the_sandbox_is_what_keeps_in_all_that_serve),
		TEST(test_sums_are_of_all_and_slots_of_the_living),
		TEST(test_a_full_board_is_in_order),
		TEST(test_the_phase_follows_the_master),
		TEST(test_what_makes_no_sense_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
