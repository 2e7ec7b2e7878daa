/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets: addresses, listeners that share a port, accepting. */
#ifndef OS_SOCKET_H
#define OS_SOCKET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "core/span.h"

struct sock_addr {
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	} sa;
	socklen_t len;
};

/* Enough for any address in text: "unix:" and a path, or "[v6%scope]:port". */
#define SOCK_ADDR_TEXT 128

/*
 * Reads "127.0.0.1:80", "[::1]:80", "*:80" (IPv4 any), "unix:/path", or a port
 * alone (127.0.0.1).  No names.  Returns NULL, or what is wrong, static text.
 */
const char *sock_addr_parse(struct sock_addr *addr, struct span text);

/* Writes the address as sock_addr_parse() reads it, with a NUL. */
void sock_addr_format(const struct sock_addr *addr, char out[SOCK_ADDR_TEXT]);

bool sock_addr_equal(const struct sock_addr *a, const struct sock_addr *b);

struct sock_listen_opts {
	int backlog;   /* connections the kernel queues; 0: somaxconn */
	bool v6only;   /* an IPv6 socket takes no IPv4 */
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

/* Lets a socket that listens queue opts->backlog.  0, or -1 with errno. */
int sock_set_backlog(int fd, const struct sock_listen_opts *opts);

/* Most members that sock_steer() can name. */
#define SOCK_STEER_MAX 256

/*
 * From now on new connections to the group of fd go to these members alone,
 * one as likely as the other; a member's number is its place in the order of
 * opening.  What is queued already stays where it is.  n 0: to all, as at
 * first.  0, or -1 with errno.
 */
int sock_steer(int fd, const unsigned *members, unsigned n);

/* Who is at the other end, small enough to keep for every connection. */
struct sock_peer {
	uint8_t family; /* AF_INET, AF_INET6 or AF_UNIX */
	uint16_t port;
	uint8_t addr[16]; /* an IPv4 address in the first four bytes */
};

/* Enough for any address: "ffff:...:255.255.255.255". */
#define SOCK_PEER_TEXT INET6_ADDRSTRLEN

/*
 * accept4() with NONBLOCK and CLOEXEC, and TCP_NODELAY on TCP.
 * Returns the descriptor, or -1 with errno as accept(2) says.
 */
int sock_accept(int listen_fd, struct sock_peer *peer);

/* The address without port; "unix:" for a unix socket.  With a NUL. */
void sock_peer_format(const struct sock_peer *peer, char out[SOCK_PEER_TEXT]);

/* Bytes that were sent but that the peer has not confirmed yet; -1 with errno.
 */
long sock_unconfirmed(int fd);

/* Makes the next close(2) send a reset: the peer sees an error, not an end. */
void sock_reset_on_close(int fd);

#endif
