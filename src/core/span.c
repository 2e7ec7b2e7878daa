/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/span.h"

/* Locale-free: strncasecmp() would follow LC_CTYPE. */
static unsigned char
span_lower(char c)
{
	unsigned char byte = (unsigned char)c;

	return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

int
span_compare(struct span a, struct span b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len == 0 ? 0 : memcmp(a.ptr, b.ptr, len);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

bool
span_equal_nocase(struct span a, struct span b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (span_lower(a.ptr[i]) != span_lower(b.ptr[i]))
			return false;
	return true;
}

struct span
span_trim(struct span span)
{
	while (span.len > 0 && (*span.ptr == ' ' || *span.ptr == '\t')) {
		span.ptr++;
		span.len--;
	}
	while (span.len > 0 && (span.ptr[span.len - 1] == ' ' ||
				   span.ptr[span.len - 1] == '\t'))
		span.len--;
	return span;
}

/* The length of the first list element in span, up to its comma. */
static size_t
span_item_len(struct span span)
{
	bool quoted = false;
	size_t i;

	for (i = 0; i < span.len; i++) {
		char c = span.ptr[i];

		if (quoted && c == '\\' && i + 1 < span.len)
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (c == ',' && !quoted)
			break;
	}
	return i;
}

bool
span_next_item(struct span *list, struct span *item)
{
	while (list->len > 0) {
		size_t len = span_item_len(*list);
		size_t skip = len < list->len ? len + 1 : len;

		*item = span_trim((struct span){ list->ptr, len });
		list->ptr += skip;
		list->len -= skip;
		if (item->len > 0)
			return true;
	}
	return false;
}
