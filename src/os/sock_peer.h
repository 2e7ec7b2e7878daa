/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is at the other end of a connection. */
#ifndef OS_SOCK_PEER_H
#define OS_SOCK_PEER_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

/* Small enough to keep for every connection. */
struct sock_peer {
	uint8_t family; /* AF_INET, AF_INET6 or AF_UNIX */
	uint16_t port;
	uint8_t addr[16]; /* an IPv4 address in the first four bytes */
};

/* Enough for any address: "ffff:...:255.255.255.255". */
#define SOCK_PEER_TEXT INET6_ADDRSTRLEN

/*
 * The address without port; "unix:" for a unix socket.  With a NUL; returns
 * the length without it.  Cheap, since each line of the access log has one.
 */
size_t sock_peer_format(const struct sock_peer *peer, char out[SOCK_PEER_TEXT]);

#endif
