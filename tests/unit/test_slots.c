/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/slots.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/fdpass.h"
#include "worker/worker.h"

static struct slots slots;
static struct board *board;
static int board_fd;

static int
setup(void **state)
{
	(void)state;
	board = board_create(&board_fd);
	return board == NULL ? -1 : slots_init(&slots, board);
}

static int
teardown(void **state)
{
	(void)state;
	slots_fini(&slots);
	board_unmap(&board);
	return close(board_fd);
}

/* A worker that counts one request and answers its first message with it. */
_Noreturn static void
run_worker(int control_fd, struct counters *counters)
{
	int fds[FDPASS_MAX];
	unsigned nfds;
	char message;

	counters->requests++;
	counters->now.open = 7;
	while (fdpass_recv(control_fd, &message, fds, &nfds) == -1)
		(void)usleep(1000);
	_exit(message);
}

static pid_t
start(unsigned slot, unsigned generation)
{
	struct counters *counters;
	int control_fd;
	pid_t pid;

	pid = slots_fork(
	    &slots, slot, generation, 1000, 10000, &control_fd, &counters);
	if (pid == 0)
		run_worker(control_fd, counters);
	assert_true(pid > 0);
	return pid;
}

static int
await(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
test_a_worker_is_told_to_drain_and_has_a_deadline(void **state)
{
	struct slot_process *process;
	pid_t pid = start(3, 1);

	(void)state;
	process = slots_find(&slots, pid);
	assert_non_null(process);
	assert_int_equal(process->slot, 3);
	assert_int_equal(process->state, BOARD_STARTING);
	assert_true(process->deadline_ms > 1000);
	slots_drain(&slots, process, 5000, 300);
	assert_int_equal(process->state, BOARD_DRAINING);
	assert_true(process->deadline_ms >= 5300);
	assert_int_equal(await(pid), WORKER_DRAIN);
	slots_remove(&slots, process);
	assert_null(slots_find(&slots, pid));
	assert_int_equal(slots.nlive, 0);
	assert_int_equal(slots.nplaces, 0);
}

static void
test_two_workers_of_one_slot_do_not_share_counters(void **state)
{
	pid_t old = start(0, 1), new = start(0, 2);
	uint64_t before = board->counters[0].requests;

	(void)state;
	assert_int_equal(slots.nlive, 2);
	slots_drain(&slots, slots_find(&slots, old), 0, 0);
	slots_drain(&slots, slots_find(&slots, new), 0, 0);
	(void)await(old);
	(void)await(new);
	assert_true(board->counters[0].requests >= before);
	assert_int_equal(board->counters[1].requests, 1);
	/* What is now goes with the process, what was stays. */
	assert_int_equal(board->counters[1].now.open, 7);
	slots_remove(&slots, slots_find(&slots, new));
	assert_int_equal(board->counters[1].now.open, 0);
	assert_int_equal(board->counters[1].requests, 1);
	slots_remove(&slots, slots_find(&slots, old));
}

static pid_t
start_nobody(void)
{
	struct counters *counters;
	int control_fd;

	return slots_fork(&slots, 0, 1, 0, 0, &control_fd, &counters);
}

static void
test_more_processes_than_places_are_refused(void **state)
{
	(void)state;
	while (board_take(board) != NULL)
		continue;
	assert_int_equal(start_nobody(), -1);
	assert_int_equal(errno, EUSERS);
	assert_non_null(strstr(slots_explain(EUSERS), "timeouts.drain"));
	assert_non_null(strstr(slots_explain(EAGAIN), "ulimit -u"));
	assert_string_equal(slots_explain(ENOMEM), strerror(ENOMEM));
}

static void
test_a_place_is_free_again_when_the_fork_fails(void **state)
{
	struct rlimit limit, low;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	low = (struct rlimit){ 0, limit.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	assert_int_equal(start_nobody(), -1);
	assert_int_equal(errno, EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(board->places[0].pid, 0);
	assert_int_equal(slots.nlive, 0);
}

static void
test_a_place_that_another_master_gave_away_is_left(void **state)
{
	struct slot_process *process;
	pid_t pid = start(0, 1);

	(void)state;
	process = slots_find(&slots, pid);
	slots_drain(&slots, process, 0, 0);
	(void)await(pid);
	board->places[0] =
	    (struct board_place){ .pid = getpid(), .generation = 2 };
	slots_remove(&slots, process);
	assert_int_equal(board->places[0].pid, getpid());
	assert_int_equal(slots.nlive, 0);
}

static void
test_the_first_crash_waits_for_nothing_and_more_for_longer(void **state)
{
	static const int64_t waits[] = { 0, 100, 200, 400, 800, 1600, 3200,
		6400, 10000, 10000 };
	struct slot_process process = { .slot = 1 };
	int64_t now_ms = 1000000;

	(void)state;
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		process.started_ms = now_ms;
		now_ms += 50; /* it died young */
		assert_int_equal(
		    slots_retry(&slots, &process, now_ms), waits[i]);
		assert_int_equal(slots.slot[1].retry_ms, now_ms + waits[i]);
		now_ms += waits[i];
	}
	process.started_ms = now_ms;
	now_ms += 60000; /* it had a life */
	assert_int_equal(slots_retry(&slots, &process, now_ms), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_a_worker_is_told_to_drain_and_has_a_deadline, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_two_workers_of_one_slot_do_not_share_counters, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_more_processes_than_places_are_refused, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_place_is_free_again_when_the_fork_fails, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_place_that_another_master_gave_away_is_left, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_the_first_crash_waits_for_nothing_and_more_for_longer,
		    setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
