/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/crew.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rows.h"

static void
wait_all(struct crew *crew)
{
	while (crew_wait(crew, 1000))
		continue;
}

static void
check_sums(const struct crew *crew)
{
	for (size_t i = 0; i < crew->nitems; i++)
		assert_int_equal(
		    *(const uint64_t *)crew_result(crew, i), i * i + 1);
}

static void
test_each_item_is_done_once(void **state)
{
	static const unsigned workers[] = { 1, 2, 7, 300 };

	(void)state;
	for (size_t i = 0; i < sizeof(workers) / sizeof(workers[0]); i++) {
		struct crew crew;
		size_t item;

		assert_int_equal(crew_init(&crew, 500, sizeof(uint64_t)), 0);
		if (crew_start(&crew, workers[i]) == 1) {
			while (crew_take(&crew, &item)) {
				uint64_t *sum = crew_result(&crew, item);

				*sum += item * item + 1;
				crew_advance(&crew, 3);
			}
			_exit(0);
		}
		wait_all(&crew);
		check_sums(&crew);
		assert_int_equal(crew_steps(&crew), 1500);
		assert_int_equal(crew.nkilled, 0);
		crew_fini(&crew);
	}
}

static void
test_nothing_to_do(void **state)
{
	struct crew crew;

	(void)state;
	assert_int_equal(crew_init(&crew, 0, 8), 0);
	assert_int_equal(crew_start(&crew, 4), 0);
	assert_false(crew_wait(&crew, 1000));
	crew_fini(&crew);
}

static void
test_one_that_is_killed_loses_its_item_alone(void **state)
{
	struct crew crew;
	unsigned nlost = 0;
	size_t item;

	(void)state;
	assert_int_equal(crew_init(&crew, 100, 1), 0);
	if (crew_start(&crew, 3) == 1) {
		while (crew_take(&crew, &item)) {
			if (item == 5)
				(void)raise(SIGKILL);
			*(char *)crew_result(&crew, item) = 1;
		}
		_exit(0);
	}
	wait_all(&crew);
	for (size_t i = 0; i < 100; i++)
		nlost += *(const char *)crew_result(&crew, i) == 0;
	assert_int_equal(nlost, 1);
	assert_int_equal(*(const char *)crew_result(&crew, 5), 0);
	assert_int_equal(crew.nkilled, 1);
	assert_true(crew.end[0] != '\0');
	crew_fini(&crew);
}

static void
test_a_signal_stops_all(void **state)
{
	struct crew crew;
	size_t item;
	int status;
	pid_t pid;

	(void)state;
	/* In a process of its own, which the signal is to end. */
	pid = fork();
	if (pid == 0) {
		(void)crew_init(&crew, 2, 1);
		if (crew_start(&crew, 2) == 1) {
			(void)crew_take(&crew, &item);
			if (item == 0)
				(void)kill(getppid(), SIGTERM);
			while (!crew_is_stopped(&crew))
				(void)usleep(1000);
			_exit(0);
		}
		wait_all(&crew);
		if (crew.signum == SIGTERM && crew.nkilled == 0)
			crew_fini(&crew);
		_exit(3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

static void
test_children_that_nobody_waits_for(void **state)
{
	struct crew crew;
	size_t item;

	(void)state;
	(void)signal(SIGCHLD, SIG_IGN);
	assert_int_equal(crew_init(&crew, 3, 1), 0);
	if (crew_start(&crew, 2) == 1) {
		while (crew_take(&crew, &item))
			continue;
		_exit(0);
	}
	wait_all(&crew);
	assert_int_equal(crew.nkilled, 0);
	crew_fini(&crew);
}

int
main(void)
{
	static struct rows rows;

	ROWS_TEST(&rows, test_each_item_is_done_once);
	ROWS_TEST(&rows, test_nothing_to_do);
	ROWS_TEST(&rows, test_one_that_is_killed_loses_its_item_alone);
	ROWS_TEST(&rows, test_a_signal_stops_all);
	ROWS_TEST(&rows, test_children_that_nobody_waits_for);
	return rows_run(&rows, "crew");
}
