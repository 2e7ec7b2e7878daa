/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base64.h"

#include <stdint.h>

static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* Decodes the n letters of a group, 2 to 4; false when they are none. */
static bool
base64_decode_group(const char *text, unsigned n, char out[3])
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < 4; i++) {
		int value = i < n ? base64_value(text[i]) : 0;

		if (value == -1)
			return false;
		bits = bits << 6 | (uint32_t)value;
	}
	/* What is behind the last byte must be nothing: one text, one form. */
	if ((n == 2 && (bits & 0xffff) != 0) || (n == 3 && (bits & 0xff) != 0))
		return false;
	out[0] = (char)(bits >> 16);
	out[1] = (char)(bits >> 8);
	out[2] = (char)bits;
	return true;
}

bool
base64_decode(struct span text, char *out, size_t cap, size_t *len)
{
	*len = 0;
	if (text.len % 4 != 0)
		return false;
	for (size_t i = 0; i < text.len; i += 4) {
		unsigned n = 4;
		char group[3];

		if (i + 4 == text.len && text.ptr[i + 3] == '=')
			n = text.ptr[i + 2] == '=' ? 2 : 3;
		if (!base64_decode_group(text.ptr + i, n, group) ||
		    cap - *len < n - 1)
			return false;
		memcpy(out + *len, group, n - 1);
		*len += n - 1;
	}
	return true;
}

void
base64_encode_url(const unsigned char *bytes, size_t nbytes, char *out)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789-_";
	uint32_t bits = 0;
	unsigned nbits = 0;

	for (size_t i = 0; i < nbytes; i++) {
		bits = bits << 8 | bytes[i];
		for (nbits += 8; nbits >= 6; nbits -= 6)
			*out++ = letters[bits >> (nbits - 6) & 63];
	}
	if (nbits > 0)
		*out = letters[bits << (6 - nbits) & 63];
}
