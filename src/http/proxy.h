/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The PROXY protocol, versions 1 and 2 (proxy-protocol.txt of HAProxy): what a
 * proxy says of a client before the client's own first byte.
 *
 * Pure: the result depends on the bytes alone, never on how they were split.
 */
#ifndef HTTP_PROXY_H
#define HTTP_PROXY_H

#include "core/address.h"

/* The longest header that is taken; those of version 1 have 107 at most. */
#define PROXY_BYTES 4096

enum proxy_result {
	PROXY_MORE,    /* the header is not complete yet */
	PROXY_DONE,    /* it is, and *proxy describes it */
	PROXY_REFUSED, /* proxy->problem says why */
};

struct proxy {
	size_t len;            /* of the header */
	bool has_client;       /* else the proxy speaks for itself */
	struct address client; /* with its port */
	const char *problem;   /* static text */
};

/*
 * Looks at the first len bytes of a connection, all that have come so far:
 * call it again with more until it says other than MORE.  The addresses of
 * version 2 may have more behind them (TLVs): that is passed over but for a
 * checksum, which must be right.
 */
enum proxy_result proxy_parse(
    struct proxy *proxy, const char *data, size_t len);

#endif
