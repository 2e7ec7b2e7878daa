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
test_addresses_read_and_write_the_same_text(void **state)
{
	static const struct {
		const char *text;
		const char *written; /* NULL: as text */
	} cases[] = {
		{ "127.0.0.1:80", NULL },
		{ "*:80", NULL },
		{ "0.0.0.0:80", "*:80" },
		{ "8080", "127.0.0.1:8080" },
		{ "0", "127.0.0.1:0" },
		{ "[::1]:80", NULL },
		{ "[::]:443", NULL },
		{ "[2001:DB8::1]:65535", "[2001:db8::1]:65535" },
		{ "[fe80::1%lo]:80", NULL },
		{ "unix:/run/tined.sock", NULL },
		{ "unix:/a:80", NULL },
	};
	char out[SOCK_ADDR_TEXT];
	struct sock_addr addr;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		addr = address(cases[i].text);
		sock_addr_format(&addr, out);
		assert_string_equal(out, cases[i].written == NULL
					     ? cases[i].text
					     : cases[i].written);
	}
}

static void
test_what_is_no_address_is_explained(void **state)
{
	static const char *const cases[] = { "", ":", ":80", "localhost:80",
		"127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
		"127.0.0.1:80 ", "127.0.0.256:80", "127.1:80",
		"1234567890.1234567890:80", "::1:80", "[::1]",
		"[::1]:", "[::1]80", "[::1:80", "[]:80", "[::g]:80",
		"[127.0.0.1]:80", "[fe80::1%no-such-interface]:80",
		"unix:", "unix:run/x",
		"unix:/0123456789012345678901234567890123456789"
		"0123456789012345678901234567890123456789"
		"0123456789012345678901234567",
		"65536", "80x" };
	struct sock_addr addr;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (sock_addr_parse(&addr, span_of(cases[i])) == NULL)
			fail_msg("\"%s\" was taken", cases[i]);
}

static void
test_addresses_are_equal_when_family_host_and_port_are(void **state)
{
	static const char *const cases[] = { "127.0.0.1:80", "127.0.0.1:81",
		"127.0.0.2:80", "[::1]:80", "[::1]:81", "[::2]:80", "unix:/a",
		"unix:/b" };
	const size_t n = sizeof(cases) / sizeof(cases[0]);
	struct sock_addr a, b;
	size_t i, j;

	(void)state;
	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++) {
			a = address(cases[i]);
			b = address(cases[j]);
			assert_int_equal(sock_addr_equal(&a, &b), i == j);
		}
	}
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
	struct sock_peer peer;
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
	struct sock_peer peer;
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
test_an_accepted_connection_is_ready_to_use(void **state)
{
	struct sock_addr addr = address("127.0.0.1:0"), local;
	socklen_t len = sizeof(int), addr_len = sizeof(local.sa);
	struct sock_peer peer;
	char text[SOCK_PEER_TEXT];
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
	sock_peer_format(&peer, text);
	assert_string_equal(text, "127.0.0.1");
	assert_int_equal(getsockname(client, &local.sa.any, &addr_len), 0);
	assert_int_equal(peer.port, ntohs(local.sa.in.sin_port));
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
	struct sock_peer peer;
	char text[SOCK_PEER_TEXT];
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
	sock_peer_format(&peer, text);
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
	struct sock_peer peer;
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
	struct sock_peer peer;
	char text[SOCK_PEER_TEXT];
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
	sock_peer_format(&peer, text);
	assert_string_equal(text, "unix:");
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses_read_and_write_the_same_text),
		cmocka_unit_test(test_what_is_no_address_is_explained),
		cmocka_unit_test(
		    test_addresses_are_equal_when_family_host_and_port_are),
		cmocka_unit_test(test_port_0_becomes_the_port_the_kernel_chose),
		cmocka_unit_test(test_a_second_instance_is_refused),
		cmocka_unit_test(
		    test_a_socket_that_is_only_bound_does_not_share_the_port),
		cmocka_unit_test(test_a_restart_does_not_wait_for_time_wait),
		cmocka_unit_test(test_the_group_shares_the_connections),
		cmocka_unit_test(
		    test_steering_names_the_members_that_get_connections),
		cmocka_unit_test(test_an_accepted_connection_is_ready_to_use),
		cmocka_unit_test(test_a_v4_client_of_a_dual_socket_is_v4),
		cmocka_unit_test(test_a_reset_reaches_the_peer),
		cmocka_unit_test(
		    test_a_unix_socket_has_the_mode_that_was_asked_for),
		cmocka_unit_test(
		    test_a_stale_unix_socket_is_replaced_and_a_live_one_not),
		cmocka_unit_test(test_a_file_in_the_way_is_not_removed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
