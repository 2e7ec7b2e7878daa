/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/pathname.h"

#include "http/chars.h"

/* The one exception among names with a dot (RFC 8615). */
#define PATHNAME_WELL_KNOWN "/.well-known/"

const char *
pathname_judge(struct span path)
{
	if (path.len == 0 || *path.ptr != '/')
		return "does not begin with a slash";
	if (path.len > PATHNAME_BYTES_MAX)
		return "too long";
	if (memchr(path.ptr, '\\', path.len) != NULL)
		return "a backslash, which no path has";
	if (memmem(path.ptr, path.len, "//", 2) != NULL)
		return "two slashes together, of which one is left in a path";
	if (span_starts_with(path, SPAN(PATHNAME_WELL_KNOWN))) {
		path.ptr += sizeof(PATHNAME_WELL_KNOWN) - 2;
		path.len -= sizeof(PATHNAME_WELL_KNOWN) - 2;
	}
	if (memmem(path.ptr, path.len, "/.", 2) != NULL)
		return "a name that begins with a dot is never served";
	return NULL;
}

const char *
pathname_decode(struct span text, char *out, size_t *len)
{
	const char *end = text.ptr + text.len;

	*len = 0;
	for (const char *in = text.ptr; in < end; in++) {
		unsigned char c = (unsigned char)*in;

		if (c == '%') {
			if (end - in < 3 || !chars_is(in[1], CHARS_HEX) ||
			    !chars_is(in[2], CHARS_HEX))
				return "a percent sign without two hexadecimal "
				       "digits; write %25 for the sign itself";
			c = (unsigned char)(chars_hex_value(in[1]) << 4 |
					    chars_hex_value(in[2]));
			in += 2;
			if (c == '/')
				return "an encoded slash, which no path has";
		}
		if (c < 0x20 || c == 0x7f)
			return "a control byte, which no path has";
		out[(*len)++] = (char)c;
	}
	return NULL;
}
