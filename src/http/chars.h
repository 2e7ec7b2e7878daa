/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The character classes of the grammars, one bit each in one table.
 *
 * No ctype.h: that one follows the locale, a protocol does not.
 */
#ifndef HTTP_CHARS_H
#define HTTP_CHARS_H

#include <stdbool.h>

enum chars_class {
	CHARS_TOKEN = 0x01,  /* tchar (RFC 9110 5.6.2) */
	CHARS_TARGET = 0x02, /* visible ASCII without '#' */
	CHARS_HEX = 0x04,    /* HEXDIG, any case */
	CHARS_HOST = 0x08,   /* unreserved and sub-delims (RFC 3986 3.2.2) */
	CHARS_LINK = 0x10,   /* needs no escape in a link or in HTML */
	CHARS_ETAG = 0x20,   /* etagc (RFC 9110 8.8.3) */
	CHARS_PATH = 0x40, /* means itself in a path: ASCII, no control, % \ */
};

extern const unsigned char chars_classes[256];

static inline bool
chars_is(char c, enum chars_class class)
{
	return (chars_classes[(unsigned char)c] & class) != 0;
}

/* The value of a byte that is CHARS_HEX. */
static inline unsigned
chars_hex_value(char c)
{
	/* Letters have bit 6 set, and their low nibble counts from 1. */
	return ((unsigned)c & 15) + ((unsigned)c >> 6) * 9;
}

#endif
