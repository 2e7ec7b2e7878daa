/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Most of what clients send is plain text, so sixteen bytes are looked at and
 * copied at a time, up to the first that needs more.
 */
#include "core/escape.h"

#include <endian.h>
#include <stdint.h>

static const char escape_hex[] = "0123456789ABCDEF";

/* Bytes that are looked at together. */
#define ESCAPE_BLOCK 16

/* Copies a block; returns how many of its bytes come before one to escape. */
static inline size_t
escape_copy_block(char *out, const char *in)
{
	typedef signed char bytes __attribute__((vector_size(ESCAPE_BLOCK)));
	uint64_t half[2];
	bytes text, hits;

	memcpy(&text, in, sizeof(text));
	memcpy(out, &text, sizeof(text));
	/* What is above ASCII has a sign. */
	hits = (bytes)(text < 0x20) | (bytes)(text == 0x7f) |
	       (bytes)(text == '"') | (bytes)(text == '\\');
	memcpy(half, &hits, sizeof(half));
	if (half[0] != 0)
		return (size_t)__builtin_ctzll(le64toh(half[0])) / 8;
	if (half[1] != 0)
		return 8 + (size_t)__builtin_ctzll(le64toh(half[1])) / 8;
	return ESCAPE_BLOCK;
}

/*
 * Copies bytes that stand for themselves, and returns how many.  May stop
 * early; what stands in out behind them means nothing.
 */
static size_t
escape_copy_plain(char *out, size_t cap, struct span in)
{
	size_t most = in.len < cap ? in.len : cap;
	size_t done = 0;

	while (most - done >= ESCAPE_BLOCK) {
		size_t n = escape_copy_block(out + done, in.ptr + done);

		done += n;
		if (n < ESCAPE_BLOCK)
			return done;
	}
	/* The rest, with so much of what is copied that it is a block. */
	if (done > 0 && done < most) {
		size_t at = most - ESCAPE_BLOCK;

		done = at + escape_copy_block(out + at, in.ptr + at);
	}
	return done;
}

/* Writes one byte; 0: there is no room for all of it. */
static inline size_t
escape_byte(char *out, size_t cap, char c, struct span prefix)
{
	unsigned char byte = (unsigned char)c;
	bool plain = byte >= 0x20 && byte < 0x7f;
	size_t len = 0;

	if (plain && byte != '"' && byte != '\\') {
		if (cap > 0)
			out[len++] = c;
		return len;
	}
	if (cap < (plain ? 2 : prefix.len + 2))
		return 0;
	if (plain) {
		out[len++] = '\\';
		out[len++] = c;
		return len;
	}
	memcpy(out, prefix.ptr, prefix.len);
	len += prefix.len;
	out[len++] = escape_hex[byte >> 4];
	out[len++] = escape_hex[byte & 15];
	return len;
}

/* Writes in; a byte that cannot be printed becomes prefix and its digits. */
static inline size_t
escape_with(char *out, size_t cap, struct span in, struct span prefix)
{
	size_t len = 0, i = 0;

	while (i < in.len) {
		size_t n = escape_copy_plain(out + len, cap - len,
		    (struct span){ in.ptr + i, in.len - i });
		size_t end;

		len += n;
		i += n;
		/* The one that stopped it, or the rest that is too short. */
		end = in.len - i < ESCAPE_BLOCK ? in.len : i + 1;
		for (; i < end; i++) {
			n = escape_byte(
			    out + len, cap - len, in.ptr[i], prefix);
			if (n == 0)
				return len;
			len += n;
		}
	}
	return len;
}

size_t
escape_log(char *out, size_t cap, struct span in)
{
	return escape_with(out, cap, in, SPAN("\\x"));
}

size_t
escape_json(char *out, size_t cap, struct span in)
{
	return escape_with(out, cap, in, SPAN("\\u00"));
}
