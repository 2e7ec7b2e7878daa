/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

/* Runs check in a child, which may change itself; its exit status. */
static int
in_child(int (*check)(void))
{
	int status;
	pid_t pid;

	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0)
		_exit(check());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int
check_one_core(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)sched_getcpu(), &set);
	if (sched_setaffinity(0, sizeof(set), &set) == -1)
		return 2;
	return process_usable_cores() == 1 ? 0 : 1;
}

static void
test_usable_cores_follow_the_affinity_mask(void **state)
{
	(void)state;
	assert_true(process_usable_cores() >= 1);
	assert_true(
	    process_usable_cores() <= (unsigned)sysconf(_SC_NPROCESSORS_ONLN));
	assert_int_equal(in_child(check_one_core), 0);
}

static int
check_nofile(void)
{
	struct rlimit limit = { .rlim_cur = 64, .rlim_max = 128 };
	unsigned long raised;

	if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
		return 2;
	if (process_raise_nofile(32) != 64)
		return 3;
	if (process_raise_nofile(100) != 100)
		return 4;
	/* Above the hard limit only with CAP_SYS_RESOURCE. */
	raised = process_raise_nofile(256);
	if (raised != 128 && raised != 256)
		return 5;
	return getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == raised
		   ? 0
		   : 6;
}

static void
test_the_descriptor_limit_is_raised_as_far_as_it_goes(void **state)
{
	(void)state;
	assert_int_equal(in_child(check_nofile), 0);
}

static int
check_drop(void)
{
	gid_t group;

	if (process_drop_privileges("nobody", NOBODY, NOBODY) == -1)
		return 2;
	if (getuid() != NOBODY || geteuid() != NOBODY || getgid() != NOBODY)
		return 3;
	if (getgroups(0, NULL) > 1 ||
	    (getgroups(1, &group) == 1 && group != NOBODY))
		return 4;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) != 1)
		return 5;
	if (setuid(0) != -1 || seteuid(0) != -1 || setgid(0) != -1)
		return 6;
	return 0;
}

static void
test_dropped_privileges_do_not_come_back(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(in_child(check_drop), 0);
}

static int
check_drop_refused(void)
{
	if (setresuid(NOBODY, NOBODY, NOBODY) == -1)
		return 2;
	return process_drop_privileges("root", 0, 0) == -1 && errno == EPERM
		   ? 0
		   : 1;
}

static void
test_without_the_right_a_drop_fails(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(in_child(check_drop_refused), 0);
}

/* The byte that the daemon is to report; -1: it dies before. */
static int daemon_status;

static int
run_daemon(void)
{
	int ready_fd, session = (int)getsid(0);

	ready_fd = process_daemonize();
	if (ready_fd == -1)
		return 99;
	if (daemon_status == -1)
		_exit(0);
	/* In a session of its own and not its leader. */
	if (getsid(0) == session || getsid(0) == getpid())
		daemon_status = 98;
	process_daemonized(ready_fd, (unsigned char)daemon_status);
	_exit(0);
}

static void
test_the_parent_of_a_daemon_exits_with_its_status(void **state)
{
	(void)state;
	daemon_status = 0;
	assert_int_equal(in_child(run_daemon), 0);
	daemon_status = 7;
	assert_int_equal(in_child(run_daemon), 7);
}

static void
test_a_daemon_that_dies_at_start_is_a_failure(void **state)
{
	(void)state;
	daemon_status = -1;
	assert_int_equal(in_child(run_daemon), EXIT_FAILURE);
}

static void
test_the_title_is_seen_by_ps(void **state)
{
	char name[16] = "";

	(void)state;
	process_set_title("tined worker 12");
	assert_int_equal(prctl(PR_GET_NAME, name, 0L, 0L, 0L), 0);
	assert_string_equal(name, "tined worker 12");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_usable_cores_follow_the_affinity_mask),
		cmocka_unit_test(
		    test_the_descriptor_limit_is_raised_as_far_as_it_goes),
		cmocka_unit_test(test_dropped_privileges_do_not_come_back),
		cmocka_unit_test(test_without_the_right_a_drop_fails),
		cmocka_unit_test(
		    test_the_parent_of_a_daemon_exits_with_its_status),
		cmocka_unit_test(test_a_daemon_that_dies_at_start_is_a_failure),
		cmocka_unit_test(test_the_title_is_seen_by_ps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
