/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/pidfile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/tined-pidfile-XXXXXX";
static char path[64];

static int
setup(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/pid", dir);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	return rmdir(dir);
}

/* What pidfile_open() says in another process: 0, or the errno. */
static int
open_in_child(void)
{
	int fd, status;
	pid_t pid;

	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		fd = pidfile_open(path);
		_exit(fd == -1 ? errno : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* What pidfile_read() returns in another process. */
static pid_t
read_in_child(void)
{
	int fds[2], status;
	pid_t pid, holder = -2;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		holder = pidfile_read(path);
		_exit(write(fds[1], &holder, sizeof(holder)) == -1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(
	    read(fds[0], &holder, sizeof(holder)), (ssize_t)sizeof(holder));
	(void)close(fds[0]);
	(void)close(fds[1]);
	return holder;
}

static void
test_a_second_process_is_refused_while_the_lock_is_held(void **state)
{
	int fd;

	(void)state;
	fd = pidfile_open(path);
	assert_int_not_equal(fd, -1);
	assert_int_equal(open_in_child(), EWOULDBLOCK);
	pidfile_close(fd, path);
	assert_int_equal(open_in_child(), 0);
	assert_int_equal(unlink(path), 0);
}

static void
test_the_holder_is_found_by_its_lock(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(read_in_child(), 0);
	fd = pidfile_open(path);
	assert_int_not_equal(fd, -1);
	assert_int_equal(read_in_child(), getpid());
	pidfile_close(fd, path);
	assert_int_equal(read_in_child(), 0);
	assert_int_equal(access(path, F_OK), -1);
}

static void
test_a_stale_file_is_nobody_and_is_taken_over(void **state)
{
	FILE *file;
	char text[32];
	int fd;

	(void)state;
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fprintf(file, "4194303 and more\n") > 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(read_in_child(), 0);
	fd = pidfile_open(path);
	assert_int_not_equal(fd, -1);
	assert_int_equal(pidfile_write(fd, 123), 0);
	assert_int_equal(pread(fd, text, sizeof(text), 0), 4);
	assert_memory_equal(text, "123\n", 4);
	pidfile_close(fd, path);
}

static void
test_a_forked_worker_does_not_hold_the_lock(void **state)
{
	int fd, fds[2];
	pid_t worker;
	char byte;

	(void)state;
	fd = pidfile_open(path);
	assert_int_not_equal(fd, -1);
	assert_int_equal(pipe(fds), 0);
	worker = fork();
	assert_int_not_equal(worker, -1);
	if (worker == 0) {
		(void)close(fds[1]);
		_exit(read(fds[0], &byte, 1) != 0);
	}
	pidfile_close(fd, path);
	assert_int_equal(open_in_child(), 0);
	(void)close(fds[0]);
	(void)close(fds[1]);
	assert_int_equal(waitpid(worker, NULL, 0), worker);
	assert_int_equal(unlink(path), 0);
}

static void
test_a_link_in_place_of_the_file_is_refused(void **state)
{
	(void)state;
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(pidfile_open(path), -1);
	assert_int_equal(errno, ELOOP);
	assert_int_equal(unlink(path), 0);
}

static void
test_a_missing_folder_is_made_but_not_two(void **state)
{
	char folder[64], deep[96], deeper[128];
	int fd;

	(void)state;
	(void)snprintf(folder, sizeof(folder), "%s/run", dir);
	(void)snprintf(deep, sizeof(deep), "%s/pid", folder);
	(void)snprintf(deeper, sizeof(deeper), "%s/more/pid", folder);
	assert_int_equal(pidfile_open(deeper), -1);
	assert_int_equal(errno, ENOENT);
	fd = pidfile_open(deep);
	assert_int_not_equal(fd, -1);
	pidfile_close(fd, deep);
	assert_int_equal(rmdir(folder), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_second_process_is_refused_while_the_lock_is_held),
		cmocka_unit_test(test_the_holder_is_found_by_its_lock),
		cmocka_unit_test(test_a_stale_file_is_nobody_and_is_taken_over),
		cmocka_unit_test(test_a_forked_worker_does_not_hold_the_lock),
		cmocka_unit_test(test_a_link_in_place_of_the_file_is_refused),
		cmocka_unit_test(test_a_missing_folder_is_made_but_not_two),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
