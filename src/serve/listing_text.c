/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/listing_text.h"

#include <assert.h>

#include "core/escape.h"
#include "core/number.h"
#include "http/date.h"
#include "http/uri.h"

/* U+FFFD, in place of what cannot be shown. */
#define LISTING_TEXT_UNKNOWN SPAN("\xef\xbf\xbd")

void
listing_text_put(struct listing_text *text, struct span bytes)
{
	assert(bytes.len <= listing_text_room(text));
	memcpy(text->at, bytes.ptr, bytes.len);
	text->at += bytes.len;
}

void
listing_text_put_number(struct listing_text *text, uint64_t number)
{
	assert(listing_text_room(text) >= NUMBER_U64_DIGITS);
	text->at += number_format_u64(text->at, number);
}

void
listing_text_put_time(
    struct listing_text *text, int64_t mtime_ns, char separator)
{
	int64_t seconds = mtime_ns / 1000000000;

	/* Rounded down before 1970 too, as the whole seconds of a stat are. */
	if (mtime_ns % 1000000000 < 0)
		seconds--;
	assert(listing_text_room(text) >= DATE_ISO_LEN);
	date_format_iso(text->at, seconds, separator);
	text->at += DATE_ISO_LEN;
}

void
listing_text_put_size(struct listing_text *text, uint64_t bytes)
{
	static const char units[] = "KMGTPE";
	uint64_t tenths;
	unsigned unit = 0;

	if (bytes < 1024) {
		listing_text_put_number(text, bytes);
		listing_text_put(text, SPAN(" B"));
		return;
	}
	for (; bytes >= 1024 * 1024; unit++)
		bytes = bytes / 1024 + (bytes % 1024 >= 512);
	tenths = (bytes * 10 + 512) / 1024;
	/*
	 * From a hundred on whole ones do; 1023.5 of a unit is one of the next,
	 * which there is: no number of bytes is more than 16 EiB.
	 */
	if (tenths >= 10235) {
		tenths = 10;
		unit++;
	}
	listing_text_put_number(
	    text, tenths < 1000 ? tenths / 10 : (tenths + 5) / 10);
	if (tenths < 1000) {
		listing_text_put(text, SPAN("."));
		listing_text_put_number(text, tenths % 10);
	}
	listing_text_put(text, SPAN(" "));
	listing_text_put(text, (struct span){ &units[unit], 1 });
	listing_text_put(text, SPAN("iB"));
}

/* How many bytes a sequence has that begins with lead; 0: none does. */
static size_t
listing_text_sequence_len(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef)
		return 3;
	return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/*
 * Takes a character off *rest into *bytes and returns its number; what is not
 * UTF-8 (RFC 3629 3) is one byte, and U+FFFD.
 */
static uint32_t
listing_text_take(struct span *rest, struct span *bytes)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char lead = (unsigned char)rest->ptr[0];
	size_t len = listing_text_sequence_len(lead);
	uint32_t code = len < 2 ? lead : lead & (0xffu >> (len + 1));
	bool good = len > 0 && len <= rest->len;

	for (size_t i = 1; good && i < len; i++) {
		unsigned char next = (unsigned char)rest->ptr[i];

		good = (next & 0xc0) == 0x80;
		code = code << 6 | (next & 0x3f);
	}
	if (!good || code < least[len] || code > 0x10ffff ||
	    (code >= 0xd800 && code <= 0xdfff)) {
		len = 1;
		code = 0xfffd;
	}
	*bytes = (struct span){ rest->ptr, len };
	*rest = (struct span){ rest->ptr + len, rest->len - len };
	return code;
}

/* True for what would change how the text around it is read. */
static bool
listing_text_misleads(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} rows[] = {
		{ 0x00, 0x1f },     /* controls */
		{ 0x7f, 0x9f },     /* controls */
		{ 0x061c, 0x061c }, /* a mark of direction */
		{ 0x200e, 0x200f }, /* marks of direction */
		{ 0x2028, 0x202e }, /* ends of lines; overrides of direction */
		{ 0x2066, 0x2069 }, /* isolates */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (code >= rows[i].first && code <= rows[i].last)
			return true;
	return false;
}

/* What stands for a character that means something in HTML; zero: itself. */
static struct span
listing_text_entity(uint32_t code)
{
	switch (code) {
	case '&': return SPAN("&amp;");
	case '<': return SPAN("&lt;");
	case '>': return SPAN("&gt;");
	case '"': return SPAN("&quot;");
	case '\'': return SPAN("&#39;");
	default: return (struct span){ 0 };
	}
}

/* Puts the ASCII in front that stands for itself, which mostly is all. */
static void
listing_text_put_plain(struct listing_text *text, struct span *bytes)
{
	size_t n = 0;

	while (n < bytes->len && bytes->ptr[n] >= 0x20 &&
	       bytes->ptr[n] < 0x7f &&
	       listing_text_entity((unsigned char)bytes->ptr[n]).ptr == NULL)
		n++;
	listing_text_put(text, (struct span){ bytes->ptr, n });
	*bytes = (struct span){ bytes->ptr + n, bytes->len - n };
}

void
listing_text_put_html(struct listing_text *text, struct span bytes)
{
	for (;;) {
		struct span character, entity;
		uint32_t code;

		listing_text_put_plain(text, &bytes);
		if (bytes.len == 0)
			return;
		code = listing_text_take(&bytes, &character);
		entity = listing_text_entity(code);
		if (entity.ptr != NULL)
			listing_text_put(text, entity);
		else if (code == 0xfffd || listing_text_misleads(code))
			listing_text_put(text, LISTING_TEXT_UNKNOWN);
		else
			listing_text_put(text, character);
	}
}

void
listing_text_put_json(struct listing_text *text, struct span bytes)
{
	while (bytes.len > 0) {
		struct span part = bytes;
		uint32_t code;

		for (part.len = 0; part.len < bytes.len; part.len++)
			if ((bytes.ptr[part.len] & 0x80) != 0)
				break;
		text->at +=
		    escape_json(text->at, listing_text_room(text), part);
		bytes.ptr += part.len;
		bytes.len -= part.len;
		if (bytes.len == 0)
			return;
		code = listing_text_take(&bytes, &part);
		listing_text_put(
		    text, code == 0xfffd ? LISTING_TEXT_UNKNOWN : part);
	}
}

void
listing_text_put_link(struct listing_text *text, struct span name)
{
	size_t len = uri_encode_path(name, text->at, listing_text_room(text));

	assert(len > 0 || name.len == 0);
	text->at += len;
}
