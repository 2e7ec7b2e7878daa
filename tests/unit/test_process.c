/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"

#define NOBODY 65534

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
check_pin(void)
{
	unsigned first = process_core(0), n = 1;
	char text[64], want[16];

	while (process_core(n) != first)
		n++;
	/* It starts again behind the last one, and they go up. */
	for (unsigned i = 1; i < n; i++)
		if (process_core(i) <= process_core(i - 1) ||
		    process_core(i + n) != process_core(i))
			return 2;
	if (process_pin(process_core(n - 1)) == -1)
		return 3;
	if (sched_getcpu() != (int)process_core(0))
		return 4;
	if (process_usable_cores() != 1 || process_core(1) != process_core(0))
		return 5;
	process_format_cores(text, sizeof(text));
	(void)snprintf(want, sizeof(want), "%u", process_core(0));
	if (strcmp(text, want) != 0)
		return 6;
	return n > 1 && process_may_use_core(first) ? 7 : 0;
}

static void
test_a_pinned_process_stays_on_its_core(void **state)
{
	(void)state;
	assert_int_equal(in_child(check_pin), 0);
}

static void
test_no_process_can_stay_on_a_core_that_is_not_there(void **state)
{
	(void)state;
	assert_false(process_may_use_core(PROCESS_CORES_MAX));
	assert_false(process_may_use_core(PROCESS_CORES_MAX - 1));
	assert_int_equal(process_pin(PROCESS_CORES_MAX - 1), -1);
	assert_int_equal(errno, EINVAL);
}

static void
test_usable_cores_are_written_as_ranges(void **state)
{
	char text[256], cut[3] = "??";
	unsigned first, last;

	(void)state;
	process_format_cores(text, sizeof(text));
	assert_int_equal(strspn(text, "0123456789,-"), strlen(text));
	if (sscanf(text, "%u-%u", &first, &last) == 2)
		assert_true(first < last);
	assert_int_equal(first, process_core(0));
	process_format_cores(cut, sizeof(cut));
	assert_true(strlen(cut) < sizeof(cut));
	assert_memory_equal(cut, text, strlen(cut));
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

	if (process_drop_privileges("nobody", NOBODY, NOBODY, -1) == -1)
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
check_root_folder(void)
{
	char path[] = "/tmp/process-XXXXXX";
	int fd, rc = 0;

	if (mkdtemp(path) == NULL || chmod(path, 0755) == -1)
		return 2;
	fd = open(path, O_PATH | O_DIRECTORY);
	(void)rmdir(path); /* it stays open, and empty */
	if (process_drop_privileges("nobody", NOBODY, NOBODY, fd) == -1)
		rc = 3;
	else if (access("/etc", F_OK) != -1 || errno != ENOENT)
		rc = 4;
	else if (getuid() != NOBODY || chroot("/") != -1)
		rc = 5;
	return rc;
}

static void
test_privileges_are_dropped_with_another_root_folder(void **state)
{
	(void)state;
	if (geteuid() != 0)
		return; /* nobody else can change it */
	assert_int_equal(in_child(check_root_folder), 0);
}

static int
check_hidden(void)
{
	process_hide_memory();
	return prctl(PR_GET_DUMPABLE, 0L, 0L, 0L, 0L);
}

static void
test_hidden_memory_is_in_no_core_file(void **state)
{
	(void)state;
	assert_int_equal(in_child(check_hidden), 0);
}

static int
check_drop_refused(void)
{
	if (setresuid(NOBODY, NOBODY, NOBODY) == -1)
		return 2;
	return process_drop_privileges("root", 0, 0, -1) == -1 && errno == EPERM
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
		cmocka_unit_test(test_a_pinned_process_stays_on_its_core),
		cmocka_unit_test(
		    test_no_process_can_stay_on_a_core_that_is_not_there),
		cmocka_unit_test(test_usable_cores_are_written_as_ranges),
		cmocka_unit_test(
		    test_the_descriptor_limit_is_raised_as_far_as_it_goes),
		cmocka_unit_test(test_dropped_privileges_do_not_come_back),
		cmocka_unit_test(test_without_the_right_a_drop_fails),
		cmocka_unit_test(
		    test_the_parent_of_a_daemon_exits_with_its_status),
		cmocka_unit_test(test_a_daemon_that_dies_at_start_is_a_failure),
		cmocka_unit_test(
		    test_privileges_are_dropped_with_another_root_folder),
		cmocka_unit_test(test_hidden_memory_is_in_no_core_file),
		cmocka_unit_test(test_the_title_is_seen_by_ps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
