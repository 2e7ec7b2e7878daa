/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/sock_peer.h"

#include <string.h>

static size_t
sock_peer_format_v4(const uint8_t addr[4], char *out)
{
	size_t len = 0;

	for (int i = 0; i < 4; i++) {
		unsigned byte = addr[i];

		if (i > 0)
			out[len++] = '.';
		if (byte >= 100)
			out[len++] = (char)('0' + byte / 100);
		if (byte >= 10)
			out[len++] = (char)('0' + byte / 10 % 10);
		out[len++] = (char)('0' + byte % 10);
	}
	return len;
}

/* Where the longest run of two zero groups or more begins, else 8. */
static unsigned
sock_peer_find_zeros(const unsigned groups[8], unsigned *run)
{
	unsigned at = 8;

	*run = 1;
	for (unsigned i = 0; i < 8; i++) {
		unsigned n = 0;

		while (i + n < 8 && groups[i + n] == 0)
			n++;
		if (n > *run) {
			at = i;
			*run = n;
		}
		i += n;
	}
	return at;
}

/* The one text that RFC 5952 allows. */
static size_t
sock_peer_format_v6(const uint8_t addr[16], char *out)
{
	static const char hex[] = "0123456789abcdef";
	unsigned groups[8], run, zeros;
	size_t len = 0;

	for (unsigned i = 0; i < 8; i++)
		groups[i] = (unsigned)addr[2 * i] << 8 | addr[2 * i + 1];
	zeros = sock_peer_find_zeros(groups, &run);
	for (unsigned i = 0; i < 8; i++) {
		int shift = 12;

		if (i == zeros) {
			i += run - 1;
			out[len++] = ':';
			if (i == 7)
				out[len++] = ':';
			continue;
		}
		if (i > 0)
			out[len++] = ':';
		while (shift > 0 && groups[i] >> shift == 0)
			shift -= 4;
		for (; shift >= 0; shift -= 4)
			out[len++] = hex[groups[i] >> shift & 15];
	}
	return len;
}

size_t
sock_peer_format(const struct sock_peer *peer, char out[SOCK_PEER_TEXT])
{
	size_t len;

	if (peer->family == AF_INET) {
		len = sock_peer_format_v4(peer->addr, out);
	} else if (peer->family == AF_INET6) {
		len = sock_peer_format_v6(peer->addr, out);
	} else {
		len = sizeof("unix:") - 1;
		memcpy(out, "unix:", len);
	}
	out[len] = '\0';
	return len;
}
