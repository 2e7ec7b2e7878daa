/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is at the other end of a connection, or behind a proxy there. */
#ifndef CORE_ADDRESS_H
#define CORE_ADDRESS_H

#include <netinet/in.h>
#include <stdint.h>

#include "core/span.h"

/*
 * Small enough to keep for every connection.  What IPv6 calls IPv4-mapped,
 * ::ffff:1.2.3.4, is an IPv4 address.
 */
struct address {
	uint8_t family; /* AF_INET, AF_INET6 or AF_UNIX */
	uint16_t port;
	uint8_t addr[16]; /* an IPv4 address in the first four, then zeros */
};

/* Enough for any address: "ffff:...:255.255.255.255". */
#define ADDRESS_TEXT INET6_ADDRSTRLEN

/* What a unix socket has in place of an address. */
#define ADDRESS_UNIX SPAN("unix:")

/* Makes it an address of IPv4, or of IPv6 unless that is IPv4-mapped. */
void address_set_v4(struct address *address, const uint8_t bytes[4]);
void address_set_v6(struct address *address, const uint8_t bytes[16]);

/*
 * Reads the text of an address, of IPv4 with its four numbers or of IPv6, and
 * nothing else: no port, no brackets, no zone, no zeros in front.  0, or -1.
 */
int address_parse(struct address *address, struct span text);

/*
 * The address without port; "unix:" for a unix socket.  With a NUL; returns
 * the length without it.  Cheap, since each line of the access log has one.
 */
size_t address_format(const struct address *address, char out[ADDRESS_TEXT]);

#endif
