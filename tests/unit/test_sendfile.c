/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/sendfile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

struct fixture {
	int file_fd;
	int pair[2];
};

static int
setup(void **state)
{
	static struct fixture fixture;

	fixture.file_fd = memfd_create("file", MFD_CLOEXEC);
	if (fixture.file_fd == -1 ||
	    write(fixture.file_fd, "0123456789", 10) != 10 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fixture.pair) ==
		-1)
		return -1;
	*state = &fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	(void)close(fixture->file_fd);
	(void)close(fixture->pair[0]);
	(void)close(fixture->pair[1]);
	return 0;
}

static void
test_a_slice_is_sent_and_the_offset_moves(void **state)
{
	struct fixture *fixture = *state;
	uint64_t offset = 3;
	char got[16];

	assert_int_equal(
	    sendfile_slice(fixture->pair[0], fixture->file_fd, &offset, 4), 4);
	assert_int_equal(offset, 7);
	assert_int_equal(read(fixture->pair[1], got, sizeof(got)), 4);
	assert_memory_equal(got, "3456", 4);
	/* The file's own position stays at its end. */
	assert_int_equal(lseek(fixture->file_fd, 0, SEEK_CUR), 10);
}

static void
test_the_end_of_the_file_is_0(void **state)
{
	struct fixture *fixture = *state;
	uint64_t offset = 8;

	assert_int_equal(
	    sendfile_slice(fixture->pair[0], fixture->file_fd, &offset, 100),
	    2);
	assert_int_equal(
	    sendfile_slice(fixture->pair[0], fixture->file_fd, &offset, 100),
	    0);
	assert_int_equal(offset, 10);
}

static void
test_a_full_socket_is_eagain_and_the_offset_stays(void **state)
{
	struct fixture *fixture = *state;
	char block[4096] = { 0 };
	uint64_t offset = 2;

	while (write(fixture->pair[0], block, sizeof(block)) > 0)
		continue;
	assert_int_equal(
	    sendfile_slice(fixture->pair[0], fixture->file_fd, &offset, 4), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(offset, 2);
}

static void
test_a_closed_peer_is_epipe(void **state)
{
	struct fixture *fixture = *state;
	uint64_t offset = 0;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)shutdown(fixture->pair[1], SHUT_RDWR);
	assert_int_equal(
	    sendfile_slice(fixture->pair[0], fixture->file_fd, &offset, 4), -1);
	assert_int_equal(errno, EPIPE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_a_slice_is_sent_and_the_offset_moves, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_the_end_of_the_file_is_0, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_full_socket_is_eagain_and_the_offset_stays, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_closed_peer_is_epipe, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
