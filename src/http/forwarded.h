/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For whom a proxy asks: X-Forwarded-For, read from its end.
 *
 * Each proxy adds whom it heard from at the end, so only what stands there was
 * written by somebody who is trusted; what stands before it anybody may have
 * sent.
 */
#ifndef HTTP_FORWARDED_H
#define HTTP_FORWARDED_H

#include "core/cidr.h"
#include "http/request.h"

/* Proxies behind each other that are followed. */
#define FORWARDED_HOPS 32

/*
 * Reads an address, with or without a port: "192.0.2.1", "192.0.2.1:80",
 * "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80".  0, or -1.
 */
int forwarded_parse_address(struct address *address, struct span text);

/*
 * Goes from *client, who sent the request, to whoever that one names, and on
 * while each is trusted.  *client is then the last that was found.  Returns 0,
 * or -1 when that one named somebody who cannot be read.
 */
int forwarded_follow(const struct request *request,
    const struct cidr_set *trusted, struct address *client);

#endif
