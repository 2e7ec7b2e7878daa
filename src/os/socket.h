/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets: listeners that share a port, accepting. */
#ifndef OS_SOCKET_H
#define OS_SOCKET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/address.h"
#include "os/sock_addr.h"

struct sock_listen_opts {
	int backlog;   /* connections the kernel queues; 0: somaxconn */
	bool v6only;   /* an IPv6 socket takes no IPv4 */
	bool defer;    /* connections come with their first bytes, if soon */
	unsigned mode; /* permission bits of a unix socket */
};

/*
 * Opens n listening sockets on one address into fds, all or none: the first
 * is bound without SO_REUSEPORT, so that a second instance is refused
 * (EADDRINUSE), the others join it.  For a unix socket fds[1 ..] are duplicates
 * of fds[0].  A stale unix socket, one that nobody answers, is replaced.  All
 * are non-blocking and close-on-exec.  If the address has port 0 it is set to
 * the one the kernel chose.
 * Returns 0, or -1 with errno.
 */
int sock_listen(struct sock_addr *addr, const struct sock_listen_opts *opts,
    int *fds, unsigned n);

/*
 * Adds one more socket to the group of an address that sock_listen() opened.
 * Returns the descriptor, or -1 with errno.
 */
int sock_listen_more(
    const struct sock_addr *addr, const struct sock_listen_opts *opts, int fd);

/*
 * Makes a socket that another program bound and set to listen one like ours:
 * non-blocking, close-on-exec, ready to be joined, without defer.  Sets *addr
 * to its address and *v6only, if it is an IPv6 one.  Returns 0, or -1 with
 * errno: ENOTSOCK, or EINVAL when it is no stream socket that listens.
 */
int sock_adopt(int fd, struct sock_addr *addr, bool *v6only);

/*
 * Makes a TCP socket that listens defer as opts says: a connection is accepted
 * with its first bytes, which saves waiting for them, or after a second without
 * (TCP_DEFER_ACCEPT, tcp(7)).  0, or -1 with errno.
 */
int sock_set_defer(int fd, const struct sock_listen_opts *opts);

/* Lets a socket that listens queue opts->backlog.  0, or -1 with errno. */
int sock_set_backlog(int fd, const struct sock_listen_opts *opts);

/*
 * Connections that wait to be accepted from a TCP socket that listens; -1 with
 * errno when it is no such socket.
 */
long sock_queue_len(int fd);

/* Most members that sock_steer() can name. */
#define SOCK_STEER_MAX 256

/*
 * From now on new connections to the group of fd go to these members alone,
 * one as likely as the other; a member's number is its place in the order of
 * opening.  What is queued already stays where it is.  n 0: to all, as at
 * first.  0, or -1 with errno.
 */
int sock_steer(int fd, const unsigned *members, unsigned n);

/*
 * accept4() with NONBLOCK and CLOEXEC, and TCP_NODELAY on TCP.
 * Returns the descriptor, or -1 with errno as accept(2) says.
 */
int sock_accept(int listen_fd, struct address *peer);

/* True when two sockets are bound to one address. */
bool sock_shares_address(int fd, int other);

/* The port at our end of a connection; 0: it has none. */
unsigned sock_local_port(int fd);

/* Bytes that were sent but that the peer has not confirmed yet; -1 with errno.
 */
long sock_unconfirmed(int fd);

/* Makes the next close(2) send a reset: the peer sees an error, not an end. */
void sock_reset_on_close(int fd);

/*
 * recv(2), send(2) and sendmsg(2), but no points at which a thread could be
 * cancelled: to be such a one takes the C library 50 instructions as soon as a
 * process has threads.
 */
static inline ssize_t
sock_recv(int fd, void *bytes, size_t len, int flags)
{
	return syscall(SYS_recvfrom, fd, bytes, len, flags, NULL, NULL);
}

static inline ssize_t
sock_send(int fd, const void *bytes, size_t len, int flags)
{
	return syscall(SYS_sendto, fd, bytes, len, flags, NULL, 0);
}

static inline ssize_t
sock_sendmsg(int fd, const struct msghdr *message, int flags)
{
	return syscall(SYS_sendmsg, fd, message, flags);
}

#endif
