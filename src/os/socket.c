/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * What the kernel keeps of an answer while the client has no room for it.  By
 * itself it keeps up to net.ipv4.tcp_wmem, 4 MiB: two thousand clients that
 * stopped reading took all of net.ipv4.tcp_mem, and connections of everybody on
 * the machine were reset.  What is on its way to the client does not count, so
 * downloads are as fast.
 */
#define SOCK_UNSENT_BYTES (64 * 1024)

static int
sock_set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

/* Closes fd and returns -1 with the errno that was there before. */
static int
sock_fail(int fd)
{
	int error = errno;

	(void)close(fd);
	errno = error;
	return -1;
}

/* What accepted sockets inherit, so that it costs no call for each of them. */
static int
sock_set_heritage(int fd)
{
	return sock_set(fd, IPPROTO_TCP, TCP_NODELAY, 1) == -1 ||
		       sock_set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT,
			   SOCK_UNSENT_BYTES) == -1
		   ? -1
		   : 0;
}

int
sock_set_defer(int fd, const struct sock_listen_opts *opts)
{
	return sock_set(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, opts->defer);
}

static int
sock_backlog(const struct sock_listen_opts *opts)
{
	/* The kernel cuts what is above net.core.somaxconn. */
	return opts->backlog == 0 ? INT_MAX : opts->backlog;
}

/* A TCP listener, bound and listening; joining: into a group that exists. */
static int
sock_listen_tcp(const struct sock_addr *addr,
    const struct sock_listen_opts *opts, bool joining)
{
	int fd;

	fd = socket(addr->sa.any.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	/*
	 * SO_REUSEADDR: connections in TIME_WAIT do not hinder a restart; it
	 * lets nobody in beside a socket that listens.
	 */
	if (sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1) == -1 ||
	    sock_set_heritage(fd) == -1)
		return sock_fail(fd);
	if (opts->defer && sock_set_defer(fd, opts) == -1)
		return sock_fail(fd);
	if (addr->sa.any.sa_family == AF_INET6 &&
	    sock_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, opts->v6only) == -1)
		return sock_fail(fd);
	if (joining && sock_set(fd, SOL_SOCKET, SO_REUSEPORT, 1) == -1)
		return sock_fail(fd);
	if (bind(fd, &addr->sa.any, addr->len) == -1 ||
	    listen(fd, sock_backlog(opts)) == -1)
		return sock_fail(fd);
	/*
	 * Only now, when nobody else can have bound the port without us: from
	 * here on our own sockets may join.
	 */
	if (!joining && sock_set(fd, SOL_SOCKET, SO_REUSEPORT, 1) == -1)
		return sock_fail(fd);
	return fd;
}

/* True when path is a socket whose server is gone. */
static bool
sock_unix_is_stale(const struct sock_addr *addr)
{
	struct stat st;
	bool stale;
	int fd;

	if (lstat(addr->sa.un.sun_path, &st) == -1 || !S_ISSOCK(st.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return false;
	stale = connect(fd, &addr->sa.any, addr->len) == -1 &&
		errno == ECONNREFUSED;
	(void)close(fd);
	return stale;
}

/* bind(2) creates the file with the mode of the socket, but for the umask. */
static int
sock_bind_unix(int fd, const struct sock_addr *addr, mode_t mode)
{
	mode_t umask_before;
	int rc;

	if (fchmod(fd, mode) == -1)
		return -1;
	umask_before = umask(0);
	rc = bind(fd, &addr->sa.any, addr->len);
	(void)umask(umask_before);
	return rc;
}

static int
sock_listen_unix(
    const struct sock_addr *addr, const struct sock_listen_opts *opts)
{
	int fd, rc;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	rc = sock_bind_unix(fd, addr, opts->mode);
	if (rc == -1 && errno == EADDRINUSE) {
		if (sock_unix_is_stale(addr) &&
		    unlink(addr->sa.un.sun_path) == 0)
			rc = sock_bind_unix(fd, addr, opts->mode);
		else
			errno = EADDRINUSE;
	}
	if (rc == -1 || listen(fd, sock_backlog(opts)) == -1)
		return sock_fail(fd);
	return fd;
}

int
sock_listen(struct sock_addr *addr, const struct sock_listen_opts *opts,
    int *fds, unsigned n)
{
	socklen_t len = sizeof(addr->sa);
	unsigned i;

	fds[0] = addr->sa.any.sa_family == AF_UNIX
		     ? sock_listen_unix(addr, opts)
		     : sock_listen_tcp(addr, opts, false);
	if (fds[0] == -1)
		return -1;
	if (addr->sa.any.sa_family != AF_UNIX &&
	    getsockname(fds[0], &addr->sa.any, &len) == -1)
		return sock_fail(fds[0]);
	for (i = 1; i < n; i++) {
		fds[i] = sock_listen_more(addr, opts, fds[0]);
		if (fds[i] == -1)
			break;
	}
	if (i == n)
		return 0;
	/* The highest first: the kernel numbers a group without gaps. */
	while (i-- > 0)
		(void)sock_fail(fds[i]);
	return -1;
}

int
sock_listen_more(
    const struct sock_addr *addr, const struct sock_listen_opts *opts, int fd)
{
	if (addr->sa.any.sa_family == AF_UNIX)
		return fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return sock_listen_tcp(addr, opts, true);
}

static int
sock_get(int fd, int level, int option)
{
	int value = -1;
	socklen_t len = sizeof(value);

	return getsockopt(fd, level, option, &value, &len) == -1 ? -1 : value;
}

int
sock_adopt(int fd, struct sock_addr *addr, bool *v6only)
{
	socklen_t len = sizeof(addr->sa);
	int listens = sock_get(fd, SOL_SOCKET, SO_ACCEPTCONN);
	int family;

	*addr = (struct sock_addr){ 0 };
	if (listens == -1)
		return -1;
	if (getsockname(fd, &addr->sa.any, &len) == -1)
		return -1;
	addr->len = len;
	family = addr->sa.any.sa_family;
	if (listens == 0 || sock_get(fd, SOL_SOCKET, SO_TYPE) != SOCK_STREAM ||
	    (family != AF_INET && family != AF_INET6 && family != AF_UNIX)) {
		errno = EINVAL;
		return -1;
	}
	*v6only =
	    family == AF_INET6 && sock_get(fd, IPPROTO_IPV6, IPV6_V6ONLY) == 1;
	if (family != AF_UNIX &&
	    (sock_set_heritage(fd) == -1 ||
		sock_set(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, 0) == -1 ||
		sock_set(fd, SOL_SOCKET, SO_REUSEPORT, 1) == -1))
		return -1;
	return fcntl(fd, F_SETFD, FD_CLOEXEC) == -1 ||
		       fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) == -1
		   ? -1
		   : 0;
}

int
sock_set_backlog(int fd, const struct sock_listen_opts *opts)
{
	return listen(fd, sock_backlog(opts));
}

long
sock_queue_len(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == -1)
		return -1;
	/* Of a socket that listens it is this (ss(8) shows it as Recv-Q). */
	return info.tcpi_unacked;
}

int
sock_steer(int fd, const unsigned *members, unsigned n)
{
	/* A = random; A %= n; then a ladder: A == i ? return members[i]. */
	struct sock_filter code[2 + 2 * SOCK_STEER_MAX];
	struct sock_fprog program = { .filter = code };
	unsigned short len = 0;
	unsigned i;

	if (n == 0)
		return sock_set(fd, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, 0) ==
				   -1 &&
			       errno != ENOENT
			   ? -1
			   : 0;
	if (n > SOCK_STEER_MAX) {
		errno = E2BIG;
		return -1;
	}
	code[len++] = (struct sock_filter)BPF_STMT(
	    BPF_LD | BPF_W | BPF_ABS, (__u32)(SKF_AD_OFF + SKF_AD_RANDOM));
	code[len++] =
	    (struct sock_filter)BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, n);
	for (i = 0; i < n; i++) {
		code[len++] = (struct sock_filter)BPF_JUMP(
		    BPF_JMP | BPF_JEQ | BPF_K, i, 0, i + 1 < n ? 1 : 0);
		code[len++] =
		    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, members[i]);
	}
	program.len = len;
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program,
	    sizeof(program));
}

static void
sock_set_peer(struct address *peer, const struct sock_addr *addr)
{
	const struct sockaddr_in *in = &addr->sa.in;
	const struct sockaddr_in6 *in6 = &addr->sa.in6;
	uint8_t bytes[4];

	switch (addr->sa.any.sa_family) {
	case AF_INET:
		memcpy(bytes, &in->sin_addr, sizeof(bytes));
		address_set_v4(peer, bytes);
		peer->port = ntohs(in->sin_port);
		break;
	case AF_INET6:
		address_set_v6(peer, in6->sin6_addr.s6_addr);
		peer->port = ntohs(in6->sin6_port);
		break;
	default: *peer = (struct address){ .family = AF_UNIX }; break;
	}
}

int
sock_accept(int listen_fd, struct address *peer)
{
	struct sock_addr addr;
	socklen_t len = sizeof(addr.sa);
	int fd;

	addr.sa.any.sa_family = AF_UNIX;
	fd = accept4(
	    listen_fd, &addr.sa.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd != -1)
		sock_set_peer(peer, &addr);
	return fd;
}

long
sock_unconfirmed(int fd)
{
	int bytes;

	return ioctl(fd, SIOCOUTQ, &bytes) == -1 ? -1 : bytes;
}

void
sock_reset_on_close(int fd)
{
	const struct linger linger = { .l_onoff = 1, .l_linger = 0 };

	/* It fails on a unix socket, which has no reset. */
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

/* Sets *addr to the address of a socket.  0, or -1 with errno. */
static int
sock_get_addr(int fd, struct sock_addr *addr)
{
	*addr = (struct sock_addr){ .len = sizeof(addr->sa) };
	return getsockname(fd, &addr->sa.any, &addr->len);
}

bool
sock_shares_address(int fd, int other)
{
	struct sock_addr a, b;

	return sock_get_addr(fd, &a) == 0 && sock_get_addr(other, &b) == 0 &&
	       sock_addr_equal(&a, &b);
}

unsigned
sock_local_port(int fd)
{
	struct sock_addr addr = { .sa.any.sa_family = AF_UNSPEC };
	socklen_t len = sizeof(addr.sa);

	if (getsockname(fd, &addr.sa.any, &len) == -1)
		return 0;
	switch (addr.sa.any.sa_family) {
	case AF_INET: return ntohs(addr.sa.in.sin_port);
	case AF_INET6: return ntohs(addr.sa.in6.sin6_port);
	default: return 0;
	}
}
