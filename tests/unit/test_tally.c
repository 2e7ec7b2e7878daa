/* SPDX-License-Identifier: BSD-2-Clause */
#include "status/tally.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define CLIENTS 128

/* A key whose first slot is this one. */
#define KEY(slot, name) ((uint64_t)(name) << 32 | (uint64_t)(slot) << 20 | 2)

struct fixture {
	struct ledger ledger;
	struct board *board;
	int ledger_fd, board_fd;
};

static struct fixture fixture;

static int
setup(void **state)
{
	*state = &fixture;
	fixture.board = board_create(&fixture.board_fd);
	if (fixture.board == NULL)
		return -1;
	return ledger_create(&fixture.ledger, CLIENTS, &fixture.ledger_fd);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	ledger_unmap(&f->ledger);
	board_unmap(&f->board);
	return close(f->ledger_fd) | close(f->board_fd);
}

/* A worker on the board that pid is of. */
static struct tally *
begin(struct fixture *f, pid_t pid)
{
	struct board_place *place = board_take(f->board);
	struct tally *tally =
	    tally_begin(&f->ledger, (unsigned)(place - f->board->places));

	place->pid = pid;
	tally->owner = pid;
	return tally;
}

static uint64_t
sum(struct fixture *f, uint64_t key)
{
	return tally_sum(&f->ledger, f->board, key);
}

static void
test_connections_of_all_workers_add_up(void **state)
{
	struct fixture *f = *state;
	struct tally *one = begin(f, 100), *two = begin(f, 101);
	uint32_t slots[3];

	slots[0] = tally_add(&f->ledger, one, KEY(7, 1));
	slots[1] = tally_add(&f->ledger, one, KEY(7, 1));
	slots[2] = tally_add(&f->ledger, two, KEY(7, 1));
	assert_int_not_equal(tally_add(&f->ledger, two, KEY(7, 2)), 0);
	assert_int_equal(sum(f, KEY(7, 1)), 3);
	assert_int_equal(sum(f, KEY(7, 2)), 1);
	assert_int_equal(sum(f, KEY(7, 3)), 0);
	for (int i = 0; i < 3; i++)
		tally_remove(i == 2 ? two : one, slots[i]);
	assert_int_equal(sum(f, KEY(7, 1)), 0);
	assert_int_equal(sum(f, KEY(7, 2)), 1);
}

static void
test_what_a_worker_had_goes_with_it(void **state)
{
	struct fixture *f = *state;
	struct board_place *place = board_take(f->board);
	int status;
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		struct tally *tally = tally_begin(&f->ledger, 0);

		for (int i = 0; i < 5; i++)
			(void)tally_add(&f->ledger, tally, KEY(127, 1));
		(void)raise(SIGKILL);
	}
	place->pid = pid;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(sum(f, KEY(127, 1)), 5);
	board_free(f->board, place);
	assert_int_equal(sum(f, KEY(127, 1)), 0);
	/* Its place is taken again, before the next has begun to count. */
	board_take(f->board)->pid = pid + 1;
	assert_int_equal(sum(f, KEY(127, 1)), 0);
	(void)tally_begin(&f->ledger, 0);
	f->board->places[0].pid = getpid();
	assert_int_equal(sum(f, KEY(127, 1)), 0);
}

static void
test_slots_are_used_again_and_a_client_has_one(void **state)
{
	struct fixture *f = *state;
	struct tally *tally = begin(f, 100);
	uint32_t first = tally_add(&f->ledger, tally, KEY(60, 1));
	uint32_t second = tally_add(&f->ledger, tally, KEY(60, 2));

	assert_int_equal(first, 61);
	assert_int_equal(second, 62);
	tally_remove(tally, first);
	/* The second is known where it is, though an earlier one is free. */
	assert_int_equal(tally_add(&f->ledger, tally, KEY(60, 2)), second);
	assert_int_equal(tally_add(&f->ledger, tally, KEY(60, 3)), first);
	assert_int_equal(sum(f, KEY(60, 1)), 0);
	assert_int_equal(sum(f, KEY(60, 2)), 2);
	assert_int_equal(sum(f, KEY(60, 3)), 1);
}

static void
test_who_finds_no_room_is_not_counted(void **state)
{
	struct fixture *f = *state;
	struct tally *tally = begin(f, 100);

	for (unsigned n = 1; n <= 64; n++)
		assert_int_not_equal(
		    tally_add(&f->ledger, tally, KEY(40, n)), 0);
	assert_int_equal(tally_add(&f->ledger, tally, KEY(40, 65)), 0);
	assert_int_equal(sum(f, KEY(40, 65)), 0);
	assert_int_equal(sum(f, KEY(40, 64)), 1);
	/* Elsewhere there is room. */
	assert_int_not_equal(tally_add(&f->ledger, tally, KEY(20, 65)), 0);
}

static void
test_a_count_has_an_end(void **state)
{
	struct fixture *f = *state;
	struct tally *tally = begin(f, 100);

	for (unsigned n = 0; n < 65535; n++)
		assert_int_not_equal(
		    tally_add(&f->ledger, tally, KEY(1, 1)), 0);
	assert_int_equal(tally_add(&f->ledger, tally, KEY(1, 1)), 0);
	assert_int_equal(sum(f, KEY(1, 1)), 65535);
}

static void
test_open_connections_are_those_of_who_is_there(void **state)
{
	struct fixture *f = *state;
	struct board_place *gone;

	(void)begin(f, 100);
	(void)begin(f, 101);
	f->board->counters[0].now.open = 3;
	f->board->counters[1].now.open = 4;
	assert_int_equal(tally_sum_open(f->board), 7);
	gone = &f->board->places[0];
	board_free(f->board, gone);
	assert_int_equal(tally_sum_open(f->board), 4);
}

static void
set_idle(struct fixture *f, unsigned place, uint64_t n, int64_t since_ms)
{
	f->board->counters[place].now.waiting[COUNTERS_WAIT_KEEPALIVE] = n;
	((struct tally *)(void *)(f->ledger.tallies +
				  place * f->ledger.tally_bytes))
	    ->idle_ms = since_ms;
}

static void
test_who_idles_longest_is_wanted_and_not_twice(void **state)
{
	struct fixture *f = *state;
	struct tally *own = begin(f, 100), *other = begin(f, 101);

	(void)begin(f, 102);
	set_idle(f, 0, 9, 1);
	assert_false(tally_want(&f->ledger, f->board, own));
	set_idle(f, 1, 1, 50);
	set_idle(f, 2, 2, 40);
	for (int i = 0; i < 3; i++)
		assert_true(tally_want(&f->ledger, f->board, own));
	assert_int_equal(tally_wanted(&f->ledger, 1), 1);
	assert_int_equal(tally_wanted(&f->ledger, 2), 2);
	assert_false(tally_want(&f->ledger, f->board, own));
	assert_int_equal(tally_take_wanted(other), 1);
	assert_int_equal(tally_wanted(&f->ledger, 1), 0);
	/* Of who is gone nothing is wanted. */
	f->board->places[1].pid = 0;
	assert_false(tally_want(&f->ledger, f->board, own));
}

int
main(void)
{
#define TALLY_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		TALLY_TEST(test_connections_of_all_workers_add_up),
		TALLY_TEST(test_what_a_worker_had_goes_with_it),
		TALLY_TEST(test_slots_are_used_again_and_a_client_has_one),
		TALLY_TEST(test_who_finds_no_room_is_not_counted),
		TALLY_TEST(test_a_count_has_an_end),
		TALLY_TEST(test_open_connections_are_those_of_who_is_there),
		TALLY_TEST(test_who_idles_longest_is_wanted_and_not_twice),
	};

	return cmocka_run_group_tests_name("tally", tests, NULL, NULL);
}
