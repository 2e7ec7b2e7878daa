/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/escape.h"

size_t
escape_log(char *out, size_t cap, struct span in)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t len = 0;

	for (size_t i = 0; i < in.len; i++) {
		unsigned char byte = (unsigned char)in.ptr[i];
		bool plain = byte >= 0x20 && byte < 0x7f;
		bool slash = byte == '"' || byte == '\\';
		size_t need = !plain ? 4 : slash ? 2 : 1;

		if (cap - len < need)
			break;
		if (!plain) {
			out[len++] = '\\';
			out[len++] = 'x';
			out[len++] = hex[byte >> 4];
			out[len++] = hex[byte & 15];
			continue;
		}
		if (slash)
			out[len++] = '\\';
		out[len++] = (char)byte;
	}
	return len;
}
