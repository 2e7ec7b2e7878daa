/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/socket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct sock_listen_opts opts = { .mode = 0666, .v6only = true };

static struct sock_addr
address(const char *text)
{
	struct sock_addr addr;

	assert_null(sock_addr_parse(&addr, span_of(text)));
	return addr;
}

static void
close_all(const int *fds, unsigned n)
{
	while (n-- > 0)
		(void)close(fds[n]);
}

static int
connect_to(const struct sock_addr *addr)
{
	int fd = socket(addr->sa.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_not_equal(fd, -1);
	if (connect(fd, &addr->sa.any, addr->len) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

static void
test_port_0_becomes_the_port_the_kernel_chose(void **state)
{
	struct sock_addr addr = address("127.0.0.1:0");
	int fds[4], flags;
	unsigned i;

	(void)state;
	assert_int_equal(sock_listen(&addr, &opts, fds, 4), 0);
	assert_int_not_equal(ntohs(addr.sa.in.sin_port), 0);
	for (i = 0; i < 4; i++) {
		flags = fcntl(fds[i], F_GETFL);
		assert_int_equal(flags & O_NONBLOCK, O_NONBLOCK);
		assert_int_equal(fcntl(fds[i], F_GETFD), FD_CLOEXEC);
	}
	close_all(fds, 4);
}

static void
test_a_second_instance_is_refused(void **state)
{
	struct sock_addr addr = address("127.0.0.1:0");
	int fds[2], more[2];

	(void)state;
	assert_int_equal(sock_listen(&addr, &opts, fds, 2), 0);
	assert_int_equal(sock_listen(&addr, &opts, more, 2), -1);
	assert_int_equal(errno, EADDRINUSE);
	close_all(fds, 2);
	assert_int_equal(sock_listen(&addr, &opts, more, 2), 0);
	close_all(more, 2);
}

static void
test_a_socket_that_is_only_bound_does_not_share_the_port(void **state)
{
	struct sock_addr addr = address("127.0.0.1:0");
	socklen_t len = sizeof(addr.sa);
	int fds[2], one = 1, other;

	(void)state;
	/* The other instance, between its bind and its listen. */
	other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_not_equal(other, -1);
	(void)setsockopt(other, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	assert_int_equal(bind(other, &addr.sa.any, addr.len), 0);
	assert_int_equal(getsockname(other, &addr.sa.any, &len), 0);
	/* We win; then it must fail to listen. */
	assert_int_equal(sock_listen(&addr, &opts, fds, 2), 0);
	assert_int_equal(listen(other, 1), -1);
	assert_int_equal(errno, EADDRINUSE);
	(void)close(other);
	close_all(fds, 2);
}

static void
test_a_restart_does_not_wait_for_time_wait(void **state)
{
	struct sock_addr addr = address("127.0.0.1:0");
	struct address peer;
	int client, conn, fds[2];
	char byte;

	(void)state;
	assert_int_equal(sock_listen(&addr, &opts, fds, 1), 0);
	client = connect_to(&addr);
	assert_int_not_equal(client, -1);
	conn = sock_accept(fds[0], &peer);
	assert_int_not_equal(conn, -1);
	/* Who closes first holds the TIME_WAIT. */
	(void)close(conn);
	assert_int_equal(read(client, &byte, 1), 0);
	(void)close(client);
	(void)close(fds[0]);
	assert_int_equal(sock_listen(&addr, &opts, fds, 2), 0);
	close_all(fds, 2);
}

/* Connects n times and accepts everything; per member, how many came. */
static void
spread(const struct sock_addr *addr, const int *fds, unsigned nfds, unsigned n,
    unsigned *count)
{
	struct address peer;
	int client, conn;
	unsigned i, member;

	memset(count, 0, nfds * sizeof(*count));
	for (i = 0; i < n; i++) {
		client = connect_to(addr);
		assert_int_not_equal(client, -1);
		for (member = 0; member < nfds; member++) {
			conn = sock_accept(fds[member], &peer);
			if (conn == -1)
				continue;
			count[member]++;
			sock_reset_on_close(conn);
			(void)close(conn);
		}
		(void)close(client);
	}
}

static void
test_the_group_shares_the_connections(void **state)
{
	struct sock_addr addr = address("127.0.0.1:0");
	unsigned count[4], i, sum = 0;
	int fds[4];

	(void)state;
	assert_int_equal(sock_listen(&addr, &opts, fds, 3), 0);
	fds[3] = sock_listen_more(&addr, &opts, fds[0]);
	assert_int_not_equal(fds[3], -1);
	spread(&addr, fds, 4, 400, count);
	for (i = 0; i < 4; i++) {
		assert_in_range(count[i], 40, 200);
		sum += count[i];
	}
	assert_int_equal(sum, 400);
	close_all(fds, 4);
}

static void
test_steering_names_the_members_that_get_connections(void **state)
{
	struct sock_addr addr = address("127.0.0.1:0");
	unsigned count[4];
	int fds[4];

	(void)state;
	assert_int_equal(sock_listen(&addr, &opts, fds, 4), 0);
	/* No program yet: nothing to take away is no error. */
	assert_int_equal(sock_steer(fds[0], NULL, 0), 0);

	assert_int_equal(sock_steer(fds[0], (unsigned[]){ 1, 3 }, 2), 0);
	spread(&addr, fds, 4, 200, count);
	assert_int_equal(count[0] + count[2], 0);
	assert_in_range(count[1], 50, 150);
	assert_int_equal(count[1] + count[3], 200);

	assert_int_equal(sock_steer(fds[0], (unsigned[]){ 2 }, 1), 0);
	spread(&addr, fds, 4, 50, count);
	assert_int_equal(count[2], 50);

	assert_int_equal(sock_steer(fds[0], NULL, 0), 0);
	spread(&addr, fds, 4, 400, count);
	assert_in_range(count[0], 40, 200);
	close_all(fds, 4);
}

static void
test_who_waits_to_be_accepted_is_counted(void **state)
{
	struct sock_addr addr = address("127.0.0.1:0");
	int fd, clients[3];
	struct address peer;

	(void)state;
	assert_int_equal(sock_listen(&addr, &opts, &fd, 1), 0);
	assert_int_equal(sock_queue_len(fd), 0);
	for (int i = 0; i < 3; i++)
		clients[i] = connect_to(&addr);
	assert_int_equal(sock_queue_len(fd), 3);
	(void)close(sock_accept(fd, &peer));
	assert_int_equal(sock_queue_len(fd), 2);
	close_all(clients, 3);
	(void)close(fd);
	assert_int_equal(sock_queue_len(fd), -1);
}

static int
unsent_limit(int fd)
{
	int value = -1;
	socklen_t len = sizeof(value);

	assert_int_equal(
	    getsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &value, &len), 0);
	return value;
}

/* A client that reads nothing takes no more of the kernel than this. */
static void
test_what_cannot_be_sent_yet_has_an_end(void **state)
{
	struct sock_addr addr = address("127.0.0.1:0");
	static const char bytes[65536];
	struct address peer;
	int client, conn, fd;
	ssize_t total = 0, n;

	(void)state;
	assert_int_equal(sock_listen(&addr, &opts, &fd, 1), 0);
	client = connect_to(&addr);
	conn = sock_accept(fd, &peer);
	assert_int_not_equal(conn, -1);
	while ((n = write(conn, bytes, sizeof(bytes))) > 0)
		total += n;
	assert_int_equal(errno, EAGAIN);
	/* What the client's side took has left already. */
	assert_true(sock_unconfirmed(conn) <= 4 * 65536);
	assert_true(total >= 65536);
	(void)close(conn);
	(void)close(client);
	(void)close(fd);
}

static void
test_an_accepted_connection_is_ready_to_use(void **state)
{
	struct sock_addr addr = address("127.0.0.1:0"), local;
	socklen_t len = sizeof(int), addr_len = sizeof(local.sa);
	struct address peer;
	char text[ADDRESS_TEXT];
	int client, conn, fd, nodelay = 0;

	(void)state;
	assert_int_equal(sock_listen(&addr, &opts, &fd, 1), 0);
	client = connect_to(&addr);
	assert_int_not_equal(client, -1);
	conn = sock_accept(fd, &peer);
	assert_int_not_equal(conn, -1);
	assert_int_equal(fcntl(conn, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	assert_int_equal(fcntl(conn, F_GETFD), FD_CLOEXEC);
	assert_int_equal(
	    getsockopt(conn, IPPROTO_TCP, TCP_NODELAY, &nodelay, &len), 0);
	assert_int_equal(nodelay, 1);
	address_format(&peer, text);
	assert_string_equal(text, "127.0.0.1");
	assert_int_equal(getsockname(client, &local.sa.any, &addr_len), 0);
	assert_int_equal(peer.port, ntohs(local.sa.in.sin_port));
	assert_int_equal(sock_local_port(conn), ntohs(addr.sa.in.sin_port));
	assert_int_equal(sock_accept(fd, &peer), -1);
	assert_int_equal(errno, EAGAIN);
	(void)close(conn);
	(void)close(client);
	(void)close(fd);
}

static void
test_a_v4_client_of_a_dual_socket_is_v4(void **state)
{
	const struct sock_listen_opts dual = { .v6only = false };
	struct sock_addr addr = address("[::]:0"), v4;
	struct address peer;
	char text[ADDRESS_TEXT];
	int client, conn, fd;

	(void)state;
	if (sock_listen(&addr, &dual, &fd, 1) == -1)
		skip(); /* no IPv6 here */
	v4 = address("127.0.0.1:0");
	v4.sa.in.sin_port = addr.sa.in6.sin6_port;
	client = connect_to(&v4);
	assert_int_not_equal(client, -1);
	conn = sock_accept(fd, &peer);
	assert_int_not_equal(conn, -1);
	address_format(&peer, text);
	assert_string_equal(text, "127.0.0.1");
	assert_int_equal(peer.family, AF_INET);
	(void)close(conn);
	(void)close(client);
	(void)close(fd);
}

static void
test_a_reset_reaches_the_peer(void **state)
{
	struct sock_addr addr = address("127.0.0.1:0");
	struct address peer;
	int client, conn, fd;
	char byte;

	(void)state;
	assert_int_equal(sock_listen(&addr, &opts, &fd, 1), 0);
	client = connect_to(&addr);
	assert_int_not_equal(client, -1);
	conn = sock_accept(fd, &peer);
	assert_int_not_equal(conn, -1);
	sock_reset_on_close(conn);
	(void)close(conn);
	assert_int_equal(read(client, &byte, 1), -1);
	assert_int_equal(errno, ECONNRESET);
	(void)close(client);
	(void)close(fd);
}

static char dir[] = "/tmp/tined-socket-XXXXXX";
static struct sock_addr unix_addr;

static int
setup(void **state)
{
	char text[SOCK_ADDR_TEXT];

	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(text, sizeof(text), "unix:%s/sock", dir);
	unix_addr = address(text);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	return rmdir(dir);
}

static void
test_a_unix_socket_has_the_mode_that_was_asked_for(void **state)
{
	static const mode_t modes[] = { 0600, 0660, 0666 };
	struct sock_listen_opts mode_opts = { 0 };
	mode_t umask_before;
	struct stat st;
	size_t i;
	int fds[2];

	(void)state;
	umask_before = umask(077);
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		mode_opts.mode = modes[i];
		assert_int_equal(
		    sock_listen(&unix_addr, &mode_opts, fds, 2), 0);
		assert_int_equal(stat(unix_addr.sa.un.sun_path, &st), 0);
		assert_int_equal(st.st_mode & 07777, modes[i]);
		close_all(fds, 2);
		assert_int_equal(unlink(unix_addr.sa.un.sun_path), 0);
	}
	assert_int_equal(umask(umask_before), 077);
}

static void
test_a_stale_unix_socket_is_replaced_and_a_live_one_not(void **state)
{
	struct address peer;
	char text[ADDRESS_TEXT];
	int client, conn, fds[2], more[2];

	(void)state;
	assert_int_equal(sock_listen(&unix_addr, &opts, fds, 2), 0);
	assert_int_equal(sock_listen(&unix_addr, &opts, more, 2), -1);
	assert_int_equal(errno, EADDRINUSE);
	close_all(fds, 2);
	assert_int_equal(sock_listen(&unix_addr, &opts, fds, 2), 0);
	client = connect_to(&unix_addr);
	assert_int_not_equal(client, -1);
	/* Both are the same socket. */
	conn = sock_accept(fds[1], &peer);
	assert_int_not_equal(conn, -1);
	address_format(&peer, text);
	assert_string_equal(text, "unix:");
	assert_int_equal(sock_local_port(conn), 0);
	(void)close(conn);
	(void)close(client);
	close_all(fds, 2);
	assert_int_equal(unlink(unix_addr.sa.un.sun_path), 0);
}

static void
test_a_file_in_the_way_is_not_removed(void **state)
{
	int fd, fds[1];

	(void)state;
	fd = open(unix_addr.sa.un.sun_path, O_CREAT | O_WRONLY, 0600);
	assert_int_not_equal(fd, -1);
	(void)close(fd);
	assert_int_equal(sock_listen(&unix_addr, &opts, fds, 1), -1);
	assert_int_equal(errno, EADDRINUSE);
	assert_int_equal(unlink(unix_addr.sa.un.sun_path), 0);
}

/* A socket as a service manager passes it: blocking, alone. */
static int
passed_socket(const char *text, int type)
{
	struct sock_addr addr = address(text);
	int fd = socket(addr.sa.any.sa_family, type, 0);

	assert_int_not_equal(fd, -1);
	assert_int_equal(bind(fd, &addr.sa.any, addr.len), 0);
	return fd;
}

static void
test_a_socket_that_was_passed_is_made_like_ours(void **state)
{
	int fd = passed_socket("127.0.0.1:0", SOCK_STREAM);
	struct sock_addr addr;
	bool v6only = true;
	int second;

	(void)state;
	assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(sock_adopt(fd, &addr, &v6only), 0);
	assert_false(v6only);
	assert_int_equal(addr.sa.any.sa_family, AF_INET);
	assert_int_not_equal(addr.sa.in.sin_port, 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);

	second = sock_listen_more(&addr, &opts, fd);
	assert_int_not_equal(second, -1);
	assert_int_equal(unsent_limit(fd), unsent_limit(second));
	assert_int_equal(close(second), 0);
	assert_int_equal(close(fd), 0);
}

static void
test_what_does_not_listen_is_not_adopted(void **state)
{
	int fd = passed_socket("127.0.0.1:0", SOCK_STREAM);
	int datagram = passed_socket("127.0.0.1:0", SOCK_DGRAM);
	struct sock_addr addr;
	bool v6only;

	(void)state;
	assert_int_equal(sock_adopt(fd, &addr, &v6only), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(sock_adopt(datagram, &addr, &v6only), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(sock_adopt(STDERR_FILENO, &addr, &v6only), -1);
	assert_int_equal(errno, ENOTSOCK);
	assert_int_equal(close(datagram), 0);
	assert_int_equal(close(fd), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_port_0_becomes_the_port_the_kernel_chose),
		cmocka_unit_test(test_a_second_instance_is_refused),
		cmocka_unit_test(
		    test_a_socket_that_is_only_bound_does_not_share_the_port),
		cmocka_unit_test(test_a_restart_does_not_wait_for_time_wait),
		cmocka_unit_test(test_the_group_shares_the_connections),
		cmocka_unit_test(
		    test_steering_names_the_members_that_get_connections),
		cmocka_unit_test(test_who_waits_to_be_accepted_is_counted),
		cmocka_unit_test(test_what_cannot_be_sent_yet_has_an_end),
		cmocka_unit_test(test_an_accepted_connection_is_ready_to_use),
		cmocka_unit_test(test_a_v4_client_of_a_dual_socket_is_v4),
		cmocka_unit_test(test_a_reset_reaches_the_peer),
		cmocka_unit_test(
		    test_a_unix_socket_has_the_mode_that_was_asked_for),
		cmocka_unit_test(
		    test_a_stale_unix_socket_is_replaced_and_a_live_one_not),
		cmocka_unit_test(test_a_file_in_the_way_is_not_removed),
		cmocka_unit_test(
		    test_a_socket_that_was_passed_is_made_like_ours),
		cmocka_unit_test(test_what_does_not_listen_is_not_adopted),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
