/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/sandbox_files.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "core/sandbox.h"

/* A folder with a file f, and another with a file g beside it. */
struct scratch {
	char in[32], file[48];
	char out[32], other[48];
	int folder_fd;
	int listen_fd;
	struct sockaddr_in addr;
};

static void
make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);

	assert_int_not_equal(fd, -1);
	(void)close(fd);
}

static void
make_listener(struct scratch *s)
{
	socklen_t len = sizeof(s->addr);

	s->addr = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	s->listen_fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(s->listen_fd, (void *)&s->addr, len), 0);
	assert_int_equal(listen(s->listen_fd, 8), 0);
	assert_int_equal(getsockname(s->listen_fd, (void *)&s->addr, &len), 0);
}

static int
setup(void **state)
{
	static struct scratch s;

	(void)snprintf(s.in, sizeof(s.in), "/tmp/files-in-XXXXXX");
	(void)snprintf(s.out, sizeof(s.out), "/tmp/files-out-XXXXXX");
	if (mkdtemp(s.in) == NULL || mkdtemp(s.out) == NULL)
		return -1;
	(void)snprintf(s.file, sizeof(s.file), "%s/f", s.in);
	(void)snprintf(s.other, sizeof(s.other), "%s/g", s.out);
	make_file(s.file);
	make_file(s.other);
	make_listener(&s);
	s.folder_fd = open(s.in, O_PATH | O_DIRECTORY);
	*state = &s;
	return s.folder_fd == -1 ? -1 : 0;
}

static int
teardown(void **state)
{
	struct scratch *s = *state;

	(void)close(s->folder_fd);
	(void)close(s->listen_fd);
	(void)unlink(s->file);
	(void)unlink(s->other);
	return rmdir(s->in) | rmdir(s->out);
}

/* errno of an open, or 0. */
static int
error_of_open(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd == -1)
		return errno;
	(void)close(fd);
	return 0;
}

static int
error_of_connect(const struct scratch *s)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), error = 0;

	if (connect(fd, (const void *)&s->addr, sizeof(s->addr)) == -1)
		error = errno;
	(void)close(fd);
	return error;
}

static int
error_of(int rc)
{
	return rc == -1 ? errno : 0;
}

/* Runs check in a child that has entered; returns its exit status. */
static int
in_sandbox(struct scratch *s, unsigned nfolders,
    int (*check)(const struct scratch *s, uint32_t parts))
{
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		uint32_t parts = 0;

		if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) == -1 ||
		    sandbox_files_enter(&s->folder_fd, nfolders, &parts) == -1)
			_exit(99);
		_exit(check(s, parts));
	}
	return child_wait_exit(pid);
}

/* Number of the first that is not as it should be, from 1 on; 0: none. */
static int
check_files(const struct scratch *s, uint32_t parts)
{
	char path[64];

	(void)parts;
	(void)snprintf(path, sizeof(path), "%s/new", s->in);
	if (error_of_open(s->file, O_RDONLY) != 0)
		return 1;
	if (error_of_open(s->in, O_RDONLY | O_DIRECTORY) != 0)
		return 2;
	if (error_of_open(s->other, O_RDONLY) != EACCES)
		return 3;
	if (error_of_open(s->out, O_RDONLY | O_DIRECTORY) != EACCES)
		return 4;
	if (error_of_open(s->file, O_WRONLY) != EACCES)
		return 5;
	if (error_of_open(path, O_WRONLY | O_CREAT) != EACCES)
		return 6;
	if (error_of(unlink(s->file)) != EACCES)
		return 7;
	if (error_of(mkdir(path, 0700)) != EACCES)
		return 8;
	if (error_of(symlink("/", path)) != EACCES)
		return 9;
	if (error_of_open("/etc/passwd", O_RDONLY) != EACCES)
		return 10;
	return error_of_open("/bin/true", O_RDONLY) == EACCES ? 0 : 11;
}

static void
test_what_is_below_the_folders_can_be_read_and_nothing_else(void **state)
{
	assert_int_equal(in_sandbox(*state, 1, check_files), 0);
}

static int
check_none(const struct scratch *s, uint32_t parts)
{
	(void)parts;
	return error_of_open(s->file, O_RDONLY) == EACCES ? 0 : 1;
}

static void
test_without_folders_nothing_can_be_opened(void **state)
{
	assert_int_equal(in_sandbox(*state, 0, check_none), 0);
}

static int
check_net(const struct scratch *s, uint32_t parts)
{
	int wanted = (parts & SANDBOX_NET) != 0 ? EACCES : 0;

	return error_of_connect(s) == wanted ? 0 : 1;
}

static void
test_no_tcp_connection_is_made_where_the_kernel_can_forbid_it(void **state)
{
	assert_int_equal(error_of_connect(*state), 0);
	assert_int_equal(in_sandbox(*state, 1, check_net), 0);
}

static int
check_scope(const struct scratch *s, uint32_t parts)
{
	int wanted = (parts & SANDBOX_SCOPE) != 0 ? EPERM : 0;

	(void)s;
	if (error_of(kill(getpid(), 0)) != 0)
		return 1;
	return error_of(kill(getppid(), 0)) == wanted ? 0 : 2;
}

static void
test_no_process_outside_is_signalled_where_the_kernel_can_forbid_it(
    void **state)
{
	assert_int_equal(in_sandbox(*state, 1, check_scope), 0);
}

static int
check_parts(const struct scratch *s, uint32_t parts)
{
	unsigned abi = sandbox_abi(parts);

	(void)s;
	return abi == sandbox_files_abi() && (parts & SANDBOX_FILES) != 0 &&
		       ((parts & SANDBOX_NET) != 0) == (abi >= 4) &&
		       ((parts & SANDBOX_SCOPE) != 0) == (abi >= 6)
		   ? 0
		   : 1;
}

static void
test_what_is_in_force_is_said(void **state)
{
	assert_int_equal(in_sandbox(*state, 1, check_parts), 0);
}

static void
test_a_folder_that_is_not_open_changes_nothing(void **state)
{
	struct scratch *s = *state;
	uint32_t parts = 0;
	int bad = -1;

	assert_int_equal(sandbox_files_enter(&bad, 1, &parts), -1);
	assert_int_equal(parts, 0);
	assert_int_equal(error_of_open(s->other, O_RDWR), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_what_is_below_the_folders_can_be_read_and_nothing_else),
		cmocka_unit_test(test_without_folders_nothing_can_be_opened),
		cmocka_unit_test(
		    test_no_tcp_connection_is_made_where_the_kernel_can_forbid_it),
		cmocka_unit_test(
		    test_no_process_outside_is_signalled_where_the_kernel_can_forbid_it),
		cmocka_unit_test(test_what_is_in_force_is_said),
		cmocka_unit_test(
		    test_a_folder_that_is_not_open_changes_nothing),
	};
	const struct CMUnitTest without[] = {
		cmocka_unit_test(
		    test_a_folder_that_is_not_open_changes_nothing),
	};

	/* A kernel without Landlock can only say so. */
	return sandbox_files_abi() == 0
		   ? cmocka_run_group_tests(without, setup, teardown)
		   : cmocka_run_group_tests(tests, setup, teardown);
}
