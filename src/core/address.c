/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/address.h"

#include <arpa/inet.h>

static size_t
address_format_v4(const uint8_t addr[4], char *out)
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
address_find_zeros(const unsigned groups[8], unsigned *run)
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
address_format_v6(const uint8_t addr[16], char *out)
{
	static const char hex[] = "0123456789abcdef";
	unsigned groups[8], run, zeros;
	size_t len = 0;

	for (unsigned i = 0; i < 8; i++)
		groups[i] = (unsigned)addr[2 * i] << 8 | addr[2 * i + 1];
	zeros = address_find_zeros(groups, &run);
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
address_format(const struct address *address, char out[ADDRESS_TEXT])
{
	size_t len;

	if (address->family == AF_INET) {
		len = address_format_v4(address->addr, out);
	} else if (address->family == AF_INET6) {
		len = address_format_v6(address->addr, out);
	} else {
		len = ADDRESS_UNIX.len;
		memcpy(out, ADDRESS_UNIX.ptr, len);
	}
	out[len] = '\0';
	return len;
}

void
address_set_v4(struct address *address, const uint8_t bytes[4])
{
	*address = (struct address){ .family = AF_INET };
	memcpy(address->addr, bytes, 4);
}

void
address_set_v6(struct address *address, const uint8_t bytes[16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (memcmp(bytes, mapped, sizeof(mapped)) == 0) {
		address_set_v4(address, bytes + sizeof(mapped));
		return;
	}
	*address = (struct address){ .family = AF_INET6 };
	memcpy(address->addr, bytes, 16);
}

int
address_parse(struct address *address, struct span text)
{
	char copy[ADDRESS_TEXT];
	uint8_t bytes[16];

	if (text.len == 0 || text.len >= sizeof(copy) ||
	    memchr(text.ptr, '\0', text.len) != NULL)
		return -1;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	if (memchr(copy, ':', text.len) == NULL) {
		if (inet_pton(AF_INET, copy, bytes) != 1)
			return -1;
		address_set_v4(address, bytes);
	} else {
		if (inet_pton(AF_INET6, copy, bytes) != 1)
			return -1;
		address_set_v6(address, bytes);
	}
	return 0;
}
