/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/uri.h"

#include <arpa/inet.h>

#include "core/number.h"
#include "http/chars.h"

/* A path that stands for itself, as nearly all do. */
static bool
uri_path_is_plain(struct span path)
{
	const char *end = path.ptr + path.len;
	char before = '\0';

	for (const char *p = path.ptr; p < end; p++) {
		if (!chars_is(*p, CHARS_PATH))
			return false;
		if (before == '/' && (*p == '/' || *p == '.'))
			return false;
		before = *p;
	}
	return true;
}

static bool
uri_may_hold(char c)
{
	return (unsigned char)c >= 0x20 && c != 0x7f && c != '\\';
}

/* Takes one byte, encoded or not, off *in; false when it is not allowed. */
static bool
uri_decode_byte(const char **in, const char *end, char *out)
{
	const char *p = *in;
	char c = *p++;

	if (c == '%') {
		if (end - p < 2 || !chars_is(p[0], CHARS_HEX) ||
		    !chars_is(p[1], CHARS_HEX))
			return false;
		c = (char)(chars_hex_value(p[0]) << 4 | chars_hex_value(p[1]));
		p += 2;
		if (c == '/')
			return false;
	}
	*in = p;
	*out = c;
	return uri_may_hold(c);
}

/*
 * True when a lead byte and the one behind it begin a sequence that says in
 * more bytes what fits into fewer, or a surrogate (RFC 3629 3).  What is not
 * UTF-8 at all is let through: a file name is bytes.
 */
static bool
uri_is_overlong(unsigned char lead, unsigned char next)
{
	if ((next & 0xc0) != 0x80)
		return false;
	switch (lead) {
	case 0xc0:
	case 0xc1: return true;
	case 0xe0: return next < 0xa0;
	case 0xed: return next >= 0xa0;
	case 0xf0: return next < 0x90;
	case 0xf8: return next < 0x88;
	case 0xfc: return next < 0x84;
	}
	return false;
}

/* Decodes one segment to out[*len]; out has room for cap bytes and a NUL. */
static enum verdict
uri_decode_segment(
    const char *in, const char *end, char *out, size_t cap, size_t *len)
{
	char before = '\0';

	while (in < end) {
		char c;

		if (!uri_decode_byte(&in, end, &c))
			return VERDICT_BAD_PATH;
		if (uri_is_overlong((unsigned char)before, (unsigned char)c))
			return VERDICT_BAD_PATH;
		if (*len >= cap)
			return VERDICT_TARGET_TOO_LONG;
		out[(*len)++] = before = c;
	}
	return VERDICT_OK;
}

/* Takes the last segment of out, at start, off again if it is "." or "..". */
static bool
uri_remove_dots(const char *out, size_t start, size_t *len)
{
	size_t n = *len - start;

	if (n == 1 && out[start] == '.')
		*len = start;
	if (n != 2 || out[start] != '.' || out[start + 1] != '.')
		return true;
	if (start == 1)
		return false;
	*len = start - 1;
	while (out[*len - 1] != '/')
		(*len)--;
	return true;
}

enum verdict
uri_decode_path(struct span path, char *out, size_t cap, size_t *len)
{
	const char *in = path.ptr;
	const char *end = path.ptr + path.len;
	size_t n = 0;

	if (path.len == 0 || *in != '/')
		return VERDICT_BAD_PATH;
	if (path.len < cap && uri_path_is_plain(path)) {
		memcpy(out, path.ptr, path.len);
		out[path.len] = '\0';
		*len = path.len;
		return VERDICT_OK;
	}
	if (cap < 2)
		return VERDICT_TARGET_TOO_LONG;
	out[n++] = '/';
	while (in < end) {
		const char *slash = memchr(in, '/', (size_t)(end - in));
		const char *stop = slash == NULL ? end : slash;
		size_t start = n;
		enum verdict verdict;

		verdict = uri_decode_segment(in, stop, out, cap - 1, &n);
		if (verdict != VERDICT_OK)
			return verdict;
		/* After decoding, so that %2e%2e counts. */
		if (!uri_remove_dots(out, start, &n))
			return VERDICT_BAD_PATH;
		in = slash == NULL ? end : slash + 1;
		if (slash == NULL || out[n - 1] == '/')
			continue;
		if (n >= cap - 1)
			return VERDICT_TARGET_TOO_LONG;
		out[n++] = '/';
	}
	out[n] = '\0';
	*len = n;
	return VERDICT_OK;
}

bool
uri_is_name(struct span name)
{
	char before = '\0';

	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (!uri_may_hold(c) || c == '/' ||
		    uri_is_overlong((unsigned char)before, (unsigned char)c))
			return false;
		before = c;
	}
	return name.len > 0;
}

/* The length of an IPv6 literal with its brackets at the start, or 0. */
static size_t
uri_ip_literal_len(struct span text)
{
	char address[INET6_ADDRSTRLEN];
	struct in6_addr binary;
	const char *close = memchr(text.ptr, ']', text.len);
	size_t len;

	if (close == NULL)
		return 0;
	/* IPvFuture is refused as well: nobody can know what it means. */
	len = (size_t)(close - text.ptr) - 1;
	if (len >= sizeof(address))
		return 0;
	memcpy(address, text.ptr + 1, len);
	address[len] = '\0';
	return inet_pton(AF_INET6, address, &binary) == 1 ? len + 2 : 0;
}

/* The length of the reg-name, which includes IPv4, at the start of text. */
static size_t
uri_reg_name_len(struct span text)
{
	size_t i = 0;

	while (i < text.len) {
		if (chars_is(text.ptr[i], CHARS_HOST))
			i++;
		else if (text.ptr[i] == '%' && text.len - i >= 3 &&
			 chars_is(text.ptr[i + 1], CHARS_HEX) &&
			 chars_is(text.ptr[i + 2], CHARS_HEX))
			i += 3;
		else
			break;
	}
	return i;
}

bool
uri_split_host(struct span text, struct span *host, struct span *port)
{
	struct span rest;
	uint64_t number;
	size_t len;

	if (text.len > 0 && *text.ptr == '[') {
		len = uri_ip_literal_len(text);
		if (len == 0)
			return false;
	} else {
		len = uri_reg_name_len(text);
	}
	*host = (struct span){ text.ptr, len };
	*port = (struct span){ NULL, 0 };
	if (len == text.len)
		return true;
	if (text.ptr[len] != ':')
		return false;
	rest = (struct span){ text.ptr + len + 1, text.len - len - 1 };
	*port = rest;
	if (rest.len == 0)
		return true;
	return number_parse_u64(rest, &number) == 0 && number <= 65535;
}

size_t
uri_encode_path(struct span path, char *out, size_t cap)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t len = 0;

	for (size_t i = 0; i < path.len; i++) {
		unsigned char byte = (unsigned char)path.ptr[i];
		size_t need = chars_is(path.ptr[i], CHARS_LINK) ? 1 : 3;

		if (cap - len < need)
			return 0;
		if (need == 1) {
			out[len++] = path.ptr[i];
			continue;
		}
		out[len++] = '%';
		out[len++] = hex[byte >> 4];
		out[len++] = hex[byte & 15];
	}
	return len;
}
