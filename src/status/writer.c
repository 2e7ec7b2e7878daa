/* SPDX-License-Identifier: BSD-2-Clause */
#include "status/writer.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/number.h"

void
writer_init(struct writer *writer, char *data, size_t cap)
{
	*writer = (struct writer){ .data = data, .cap = cap };
}

size_t
writer_room(const struct writer *writer)
{
	return writer->full ? 0 : writer->cap - writer->len;
}

void
writer_put(struct writer *writer, struct span span)
{
	if (span.len > writer_room(writer)) {
		writer->full = true;
		return;
	}
	memcpy(writer->data + writer->len, span.ptr, span.len);
	writer->len += span.len;
}

void
writer_put_text(struct writer *writer, const char *text)
{
	writer_put(writer, span_of(text));
}

void
writer_put_number(struct writer *writer, uint64_t number)
{
	char text[NUMBER_U64_DIGITS];

	writer_put(
	    writer, (struct span){ text, number_format_u64(text, number) });
}

void
writer_put_seconds(struct writer *writer, uint64_t us)
{
	uint64_t rest = us % 1000000;
	char digits[7] = ".";
	size_t len = 7;

	writer_put_number(writer, us / 1000000);
	for (size_t i = 6; i > 0; i--) {
		digits[i] = (char)('0' + rest % 10);
		rest /= 10;
	}
	while (len > 1 && digits[len - 1] == '0')
		len--;
	if (len > 1)
		writer_put(writer, (struct span){ digits, len });
}

void
writer_format(struct writer *writer, const char *fmt, ...)
{
	size_t room = writer_room(writer);
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(writer->data + writer->len, room, fmt, ap);
	va_end(ap);
	/* It wants a byte more, for a NUL. */
	if (len < 0 || (size_t)len >= room)
		writer->full = true;
	else
		writer->len += (size_t)len;
}

/* Bytes of the well-formed sequence at text (RFC 3629), or 0. */
static size_t
writer_utf8_len(const char *text)
{
	const unsigned char *byte = (const unsigned char *)text;
	size_t len = byte[0] >= 0xf0 ? 4 : byte[0] >= 0xe0 ? 3 : 2;
	uint32_t least = len == 4 ? 0x10000 : len == 3 ? 0x800 : 0xa0;
	uint32_t point = byte[0] & (0x7f >> len);

	if (byte[0] < 0xc2 || byte[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (byte[i] & 0x3f);
	}
	/* Overlong, a control, a surrogate, or no character at all. */
	if (point < least || (point >= 0xd800 && point < 0xe000) ||
	    point > 0x10ffff)
		return 0;
	return len;
}

void
writer_put_foreign(struct writer *writer, const char *text, bool quoted)
{
	if (quoted)
		writer_put(writer, SPAN("\""));
	while (*text != '\0') {
		size_t len = 1;
		bool plain = *text >= ' ' && *text <= '~';

		if (!plain)
			len = writer_utf8_len(text);
		if (quoted && (*text == '"' || *text == '\\'))
			writer_put(writer, SPAN("\\"));
		writer_put(
		    writer, len == 0 ? SPAN("?") : (struct span){ text, len });
		text += len == 0 ? 1 : len;
	}
	if (quoted)
		writer_put(writer, SPAN("\""));
}
