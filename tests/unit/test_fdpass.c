/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/fdpass.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static void
make_pair(int pair[2])
{
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
		0, pair),
	    0);
}

static void
test_a_byte_without_descriptors_arrives(void **state)
{
	int pair[2], fds[FDPASS_MAX];
	unsigned n = 9;
	char byte = 0;

	(void)state;
	make_pair(pair);
	assert_int_equal(fdpass_send(pair[0], 'R', NULL, 0), 0);
	assert_int_equal(fdpass_recv(pair[1], &byte, fds, &n), 1);
	assert_int_equal(byte, 'R');
	assert_int_equal(n, 0);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void
test_descriptors_keep_their_order_and_are_close_on_exec(void **state)
{
	int pair[2], first[2], second[2], fds[FDPASS_MAX];
	unsigned n = 0;
	char byte, got[4];

	(void)state;
	make_pair(pair);
	assert_int_equal(pipe(first), 0);
	assert_int_equal(pipe(second), 0);
	assert_int_equal(
	    fdpass_send(pair[0], 'O', (int[]){ first[1], second[1] }, 2), 0);
	assert_int_equal(fdpass_recv(pair[1], &byte, fds, &n), 1);
	assert_int_equal(n, 2);
	assert_int_equal(fcntl(fds[0], F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(fcntl(fds[1], F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(write(fds[0], "1", 1), 1);
	assert_int_equal(write(fds[1], "2", 1), 1);
	assert_int_equal(read(first[0], got, sizeof(got)), 1);
	assert_int_equal(got[0], '1');
	assert_int_equal(read(second[0], got, sizeof(got)), 1);
	assert_int_equal(got[0], '2');
	(void)close(fds[0]);
	(void)close(fds[1]);
	(void)close(first[0]);
	(void)close(first[1]);
	(void)close(second[0]);
	(void)close(second[1]);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void
test_a_text_comes_with_its_descriptor(void **state)
{
	int pair[2], fds[FDPASS_MAX];
	unsigned n = 0;
	char text[16];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(
	    fdpass_send_text(pair[0], SPAN("ok: it\n"), &pair[1], 1), 0);
	assert_int_equal(
	    fdpass_recv_text(pair[1], text, sizeof(text), fds, &n), 7);
	assert_memory_equal(text, "ok: it\n", 7);
	assert_int_equal(n, 1);
	(void)close(fds[0]);
	(void)close(pair[0]);
	assert_int_equal(
	    fdpass_recv_text(pair[1], text, sizeof(text), fds, &n), 0);
	assert_int_equal(n, 0);
	(void)close(pair[1]);
}

static void
test_messages_do_not_merge(void **state)
{
	int pair[2], fds[FDPASS_MAX];
	unsigned n;
	char byte;

	(void)state;
	make_pair(pair);
	assert_int_equal(fdpass_send(pair[0], 'A', NULL, 0), 0);
	assert_int_equal(fdpass_send(pair[0], 'D', NULL, 0), 0);
	assert_int_equal(fdpass_recv(pair[1], &byte, fds, &n), 1);
	assert_int_equal(byte, 'A');
	assert_int_equal(fdpass_recv(pair[1], &byte, fds, &n), 1);
	assert_int_equal(byte, 'D');
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void
test_an_empty_socket_is_eagain_and_a_closed_one_is_the_end(void **state)
{
	int pair[2], fds[FDPASS_MAX];
	unsigned n;
	char byte;

	(void)state;
	make_pair(pair);
	assert_int_equal(fdpass_recv(pair[1], &byte, fds, &n), -1);
	assert_int_equal(errno, EAGAIN);
	(void)close(pair[0]);
	assert_int_equal(fdpass_recv(pair[1], &byte, fds, &n), 0);
	/* A SIGPIPE would end the test. */
	assert_int_equal(fdpass_send(pair[1], 'R', NULL, 0), -1);
	assert_int_equal(errno, EPIPE);
	(void)close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_byte_without_descriptors_arrives),
		cmocka_unit_test(
		    test_descriptors_keep_their_order_and_are_close_on_exec),
		cmocka_unit_test(test_a_text_comes_with_its_descriptor),
		cmocka_unit_test(test_messages_do_not_merge),
		cmocka_unit_test(
		    test_an_empty_socket_is_eagain_and_a_closed_one_is_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
