/* SPDX-License-Identifier: BSD-2-Clause */
#include "status/board.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	struct board *board;
	int fd;
};

static struct fixture fixture;

static int
setup(void **state)
{
	fixture.board = board_create(&fixture.fd);
	*state = &fixture;
	return fixture.board == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	board_unmap(&f->board);
	return close(f->fd);
}

static void
test_what_a_child_counts_its_parent_sees(void **state)
{
	struct fixture *f = *state;
	struct board_place *place = board_take(f->board);
	struct counters *counters = board_counters(f->board, place);
	int status;
	pid_t pid;

	counters->requests = 5;
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		counters->requests += 2;
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(counters->requests, 7);
}

static void
test_a_place_is_taken_once_and_its_counts_stay(void **state)
{
	struct fixture *f = *state;
	struct board_place *first = board_take(f->board), *second;
	struct counters sum;

	first->pid = 100;
	board_counters(f->board, first)->requests = 3;
	board_counters(f->board, first)->now.open = 4;
	second = board_take(f->board);
	assert_ptr_not_equal(first, second);
	second->pid = 101;
	board_counters(f->board, second)->requests = 10;
	board_sum(f->board, &sum);
	assert_int_equal(sum.requests, 13);
	assert_int_equal(sum.now.open, 4);

	board_free(f->board, first);
	board_sum(f->board, &sum);
	assert_int_equal(sum.requests, 13);
	assert_int_equal(sum.now.open, 0);
	assert_ptr_equal(board_take(f->board), first);
}

static void
test_a_place_that_was_taken_is_nobody_elses(void **state)
{
	struct fixture *f = *state;
	struct board_place *first = board_take(f->board), *second;
	struct board *other = board_adopt(f->fd); /* as another master has it */
	int status;
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0)
		_exit((int)(board_take(other) - other->places));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(first - f->board->places, 0);
	assert_int_equal(WEXITSTATUS(status), 1);
	board_unmap(&other);
	assert_int_equal(f->board->nplaces, 2);
	second = &f->board->places[1];
	assert_int_equal(second->pid, pid);
	assert_int_equal(second->master, pid);
	/* It ended before it said who is there. */
	board_sweep(f->board, getpid());
	assert_int_equal(second->pid, 0);
	assert_int_equal(first->pid, getpid());
	board_free(f->board, first);
	assert_ptr_equal(board_take(f->board), first);
}

static void
test_a_process_is_told_from_those_that_had_its_place(void **state)
{
	struct fixture *f = *state;
	struct board_place *place = board_take(f->board);
	struct counters *counters = board_counters(f->board, place), own;

	place->pid = 100;
	counters->requests = 3;
	counters->latency.buckets[7] = 2;
	board_free(f->board, place);

	assert_ptr_equal(board_take(f->board), place);
	place->pid = 101;
	counters->requests += 5;
	counters->now.open = 4;
	board_get_own(f->board, place, &own);
	assert_int_equal(own.requests, 5);
	assert_int_equal(own.latency.buckets[7], 0);
	assert_int_equal(own.now.open, 4);
	board_sum(f->board, &own);
	assert_int_equal(own.requests, 8);
}

static void
test_all_places_are_taken_at_some_time(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < BOARD_PLACES; i++)
		board_take(f->board)->pid = i + 1;
	assert_null(board_take(f->board));
	assert_int_equal(f->board->nplaces, BOARD_PLACES);
}

static void
test_places_of_processes_that_are_gone_are_swept(void **state)
{
	struct fixture *f = *state;
	struct board_place *gone = board_take(f->board), *alive, *own;
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	*gone = (struct board_place){ .pid = pid, .master = 1 };
	alive = board_take(f->board);
	*alive = (struct board_place){ .pid = getpid(), .master = 1 };
	own = board_take(f->board);
	*own = (struct board_place){ .pid = pid, .master = getpid() };

	board_sweep(f->board, getpid());
	assert_int_equal(gone->pid, 0);
	assert_int_equal(alive->pid, getpid());
	assert_int_equal(own->pid, pid);
}

static void
test_another_process_adopts_it(void **state)
{
	struct fixture *f = *state;
	struct board *other;

	board_take(f->board)->pid = 7;
	f->board->counters[0].requests = 42;
	other = board_adopt(f->fd);
	assert_non_null(other);
	assert_int_equal(other->counters[0].requests, 42);
	assert_int_equal(other->places[0].pid, 7);
	board_unmap(&other);
	assert_null(other);
}

static void
test_another_layout_is_not_adopted(void **state)
{
	struct fixture *f = *state;

	f->board->layout++;
	assert_null(board_adopt(f->fd));
	assert_int_equal(errno, EPROTO);
	f->board->layout--;
	f->board->magic[0] = 'x';
	assert_null(board_adopt(f->fd));
	assert_int_equal(errno, EPROTO);
}

static void
test_another_file_is_not_adopted(void **state)
{
	int fd = memfd_create("other", MFD_CLOEXEC);

	(void)state;
	assert_null(board_adopt(fd));
	assert_int_equal(errno, EPROTO);
	assert_int_equal(close(fd), 0);
	assert_null(board_adopt(fd));
	assert_int_equal(errno, EBADF);
}

static void
test_the_last_result_is_read_as_it_was_written(void **state)
{
	struct fixture *f = *state;
	char text[BOARD_TEXT], longer[2 * BOARD_TEXT];
	int64_t wall_s;
	bool ok;

	assert_false(board_get_last(f->board, &ok, &wall_s, text));
	board_set_last(f->board, true, 1000, "all is well");
	assert_true(board_get_last(f->board, &ok, &wall_s, text));
	assert_true(ok);
	assert_int_equal(wall_s, 1000);
	assert_string_equal(text, "all is well");

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	board_set_last(f->board, false, 2000, longer);
	assert_true(board_get_last(f->board, &ok, &wall_s, text));
	assert_false(ok);
	assert_int_equal(strlen(text), BOARD_TEXT - 1);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_what_a_child_counts_its_parent_sees),
		TEST(test_a_place_is_taken_once_and_its_counts_stay),
		TEST(test_a_place_that_was_taken_is_nobody_elses),
		TEST(test_a_process_is_told_from_those_that_had_its_place),
		TEST(test_all_places_are_taken_at_some_time),
		TEST(test_places_of_processes_that_are_gone_are_swept),
		TEST(test_another_process_adopts_it),
		TEST(test_another_layout_is_not_adopted),
		TEST(test_another_file_is_not_adopted),
		TEST(test_the_last_result_is_read_as_it_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
