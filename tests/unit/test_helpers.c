/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/helpers.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define WAIT_MS 10000

/* A task that says when it is run, and then waits until it may end. */
struct work {
	struct helper_task task; /* comes first */
	sem_t began;
	sem_t may_end;
	bool blocked; /* the thread blocks SIGTERM */
};

struct fixture {
	struct helpers helpers;
	struct work work[8];
};

static void
run(struct helper_task *task)
{
	struct work *work = (struct work *)(void *)task;
	sigset_t set;

	(void)pthread_sigmask(SIG_BLOCK, NULL, &set);
	work->blocked = sigismember(&set, SIGTERM) == 1;
	(void)sem_post(&work->began);
	(void)sem_wait(&work->may_end);
}

static void
start(struct fixture *f, unsigned nthreads)
{
	assert_int_equal(helpers_start(&f->helpers, nthreads, 4), 0);
	assert_int_equal(f->helpers.nthreads, nthreads);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	f->helpers.done_fd = -1;
	for (unsigned i = 0; i < 8; i++) {
		f->work[i].task = (struct helper_task){
			.run = run, .group = i % 2, .subject = i
		};
		(void)sem_init(&f->work[i].began, 0, 0);
		(void)sem_init(&f->work[i].may_end, 0, 0);
	}
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 8; i++)
		(void)sem_post(&f->work[i].may_end);
	assert_true(helpers_stop(&f->helpers, WAIT_MS));
	helpers_fini(&f->helpers);
	for (unsigned i = 0; i < 8; i++) {
		(void)sem_destroy(&f->work[i].began);
		(void)sem_destroy(&f->work[i].may_end);
	}
	free(f);
	return 0;
}

static void
give(struct fixture *f, unsigned i)
{
	helpers_give(&f->helpers, &f->work[i].task);
}

/* True when a task is begun within ms. */
static bool
began(struct fixture *f, unsigned i, long ms)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	return sem_timedwait(&f->work[i].began, &until) == 0;
}

static void
end(struct fixture *f, unsigned i)
{
	(void)sem_post(&f->work[i].may_end);
}

/* Waits for the next task that is done. */
static struct helper_task *
next_done(struct fixture *f)
{
	struct pollfd pollfd = { .fd = f->helpers.done_fd, .events = POLLIN };

	assert_int_equal(poll(&pollfd, 1, WAIT_MS), 1);
	return helpers_next_done(&f->helpers);
}

static void
test_task_comes_back_when_it_is_done(void **state)
{
	struct fixture *f = *state;

	start(f, 2);
	assert_null(helpers_next_done(&f->helpers));
	give(f, 0);
	assert_true(began(f, 0, WAIT_MS));
	assert_null(helpers_next_done(&f->helpers));
	end(f, 0);
	assert_ptr_equal(next_done(f), &f->work[0].task);
	assert_null(helpers_next_done(&f->helpers));
	assert_true(f->work[0].blocked);
}

static void
test_all_that_is_done_comes_back(void **state)
{
	struct fixture *f = *state;

	start(f, 2);
	for (unsigned i = 0; i < 8; i++) {
		end(f, i);
		give(f, i);
	}
	for (unsigned n = 0; n < 8; n++)
		assert_non_null(next_done(f));
	assert_null(helpers_next_done(&f->helpers));
}

static void
test_task_that_is_taken_back_is_not_run(void **state)
{
	struct fixture *f = *state;

	start(f, 1);
	give(f, 0);
	assert_true(began(f, 0, WAIT_MS));
	give(f, 1);
	give(f, 2);
	assert_false(helpers_take_back(&f->helpers, &f->work[0].task));
	assert_true(helpers_take_back(&f->helpers, &f->work[1].task));
	assert_false(helpers_take_back(&f->helpers, &f->work[1].task));
	end(f, 0);
	assert_ptr_equal(next_done(f), &f->work[0].task);
	assert_true(began(f, 2, WAIT_MS));
	assert_false(began(f, 1, 0));
}

static void
test_last_free_thread_is_for_who_has_none(void **state)
{
	struct fixture *f = *state;

	start(f, 2);
	give(f, 0);
	give(f, 2); /* of the same group */
	give(f, 1); /* of another one, and later */
	assert_true(began(f, 0, WAIT_MS));
	assert_true(began(f, 1, WAIT_MS));
	assert_false(began(f, 2, 0));
	end(f, 0);
	assert_true(began(f, 2, WAIT_MS));
}

static void
test_one_thread_is_for_everybody(void **state)
{
	struct fixture *f = *state;

	start(f, 1);
	end(f, 0);
	give(f, 0);
	assert_ptr_equal(next_done(f), &f->work[0].task);
	end(f, 2);
	give(f, 2);
	assert_ptr_equal(next_done(f), &f->work[2].task);
}

static void
test_what_hangs_gets_no_second_thread(void **state)
{
	struct fixture *f = *state;
	const struct timespec hang = { .tv_nsec = HELPERS_HANG_MS * 1000000L };

	start(f, 4);
	f->work[2].task.subject = f->work[0].task.subject;
	f->work[4].task.subject = f->work[0].task.subject;
	give(f, 0);
	give(f, 2); /* nobody knows yet that the first hangs */
	assert_true(began(f, 0, WAIT_MS));
	assert_true(began(f, 2, WAIT_MS));
	(void)nanosleep(&hang, NULL);
	give(f, 4);
	give(f, 1);
	assert_true(began(f, 1, WAIT_MS));
	assert_false(began(f, 4, 0));
	end(f, 0);
	assert_false(began(f, 4, 0));
	end(f, 2);
	assert_true(began(f, 4, WAIT_MS));
}

/* True once fd is closed. */
static bool
is_closed(int fd)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	for (int i = 0; i < WAIT_MS; i++) {
		if (fcntl(fd, F_GETFD) == -1)
			return true;
		(void)nanosleep(&pause, NULL);
	}
	return false;
}

static void
test_descriptors_are_closed_even_without_room(void **state)
{
	struct fixture *f = *state;
	int fds[6];

	start(f, 1);
	give(f, 0);
	assert_true(began(f, 0, WAIT_MS));
	for (unsigned i = 0; i < 6; i++) {
		fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		assert_true(fds[i] != -1);
	}
	for (unsigned i = 0; i < 6; i++)
		helpers_close(&f->helpers, fds[i]);
	/* There is room for four. */
	assert_int_equal(fcntl(fds[3], F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(fds[4], F_GETFD), -1);
	end(f, 0);
	for (unsigned i = 0; i < 6; i++)
		assert_true(is_closed(fds[i]));
}

static void
test_stop_does_not_wait_for_what_hangs(void **state)
{
	struct fixture *f = *state;
	int fd;

	start(f, 2);
	give(f, 0);
	assert_true(began(f, 0, WAIT_MS));
	assert_false(helpers_stop(&f->helpers, 10));
	/* Nobody is left to do it. */
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	helpers_close(&f->helpers, fd);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	end(f, 0);
	assert_true(helpers_stop(&f->helpers, WAIT_MS));
	assert_ptr_equal(helpers_next_done(&f->helpers), &f->work[0].task);
}

static void
test_no_threads_are_no_trouble(void **state)
{
	struct fixture *f = *state;

	start(f, 0);
	assert_int_equal(f->helpers.done_fd, -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_task_comes_back_when_it_is_done, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_all_that_is_done_comes_back, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_task_that_is_taken_back_is_not_run, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_last_free_thread_is_for_who_has_none, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_one_thread_is_for_everybody, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_what_hangs_gets_no_second_thread, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_descriptors_are_closed_even_without_room, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_stop_does_not_wait_for_what_hangs, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_no_threads_are_no_trouble, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
