/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses of sockets, and their text as an operator writes it. */
#ifndef OS_SOCK_ADDR_H
#define OS_SOCK_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
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

/* False when other machines may reach it: not unix and not loopback. */
bool sock_addr_is_local(const struct sock_addr *addr);

#endif
