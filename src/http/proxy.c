/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/proxy.h"

#include "core/number.h"

/* Version 1: a line of text, its CR LF included. */
#define PROXY_V1_START SPAN("PROXY ")
#define PROXY_V1_BYTES 107

/* Version 2: a fixed part, then as many bytes as it says. */
#define PROXY_V2_START SPAN("\r\n\r\n\0\r\nQUIT\n")
#define PROXY_V2_FIXED 16

/* Commands of version 2, and families, of the upper half of their byte. */
enum { PROXY_V2_LOCAL = 0, PROXY_V2_PROXY = 1 };
enum { PROXY_V2_UNSPEC, PROXY_V2_INET, PROXY_V2_INET6, PROXY_V2_UNIX };

/* The type of a TLV that has a checksum, and the length of that. */
#define PROXY_TLV_CRC32C   0x03
#define PROXY_CRC32C_BYTES 4

static enum proxy_result
proxy_refuse(struct proxy *proxy, const char *problem)
{
	proxy->problem = problem;
	return PROXY_REFUSED;
}

/* True when what has come is the start of start, or all of it and more. */
static bool
proxy_begins(struct span bytes, struct span start)
{
	size_t len = bytes.len < start.len ? bytes.len : start.len;

	return memcmp(bytes.ptr, start.ptr, len) == 0;
}

/* Takes a word and the one space behind it off a line of version 1. */
static struct span
proxy_take_word(struct span *line)
{
	const char *space = memchr(line->ptr, ' ', line->len);
	struct span word = *line;

	if (space != NULL)
		word.len = (size_t)(space - line->ptr);
	line->ptr += word.len + (space != NULL);
	line->len -= word.len + (space != NULL);
	return word;
}

/* An address, which has the form that the word before said. */
static bool
proxy_take_address(struct span *line, bool v6, struct address *address)
{
	struct span word = proxy_take_word(line);

	return word.len > 0 &&
	       (memchr(word.ptr, ':', word.len) != NULL) == v6 &&
	       address_parse(address, word) == 0;
}

/* A port: digits, and no zero before them. */
static bool
proxy_take_port(struct span *line, uint16_t *port)
{
	struct span word = proxy_take_word(line);
	uint64_t number;

	if (number_parse_u64(word, &number) == -1 || number > UINT16_MAX ||
	    (word.len > 1 && *word.ptr == '0'))
		return false;
	*port = (uint16_t)number;
	return true;
}

/* What stands behind the start of a line, without its CR LF. */
static enum proxy_result
proxy_parse_line(struct proxy *proxy, struct span line)
{
	struct span protocol = proxy_take_word(&line);
	bool v6 = span_equal(protocol, SPAN("TCP6"));
	struct address server;
	uint16_t port;

	/* Whatever follows it means nothing. */
	if (span_equal(protocol, SPAN("UNKNOWN")))
		return PROXY_DONE;
	if (!v6 && !span_equal(protocol, SPAN("TCP4")))
		return proxy_refuse(
		    proxy, "version 1, but not TCP4, TCP6 or UNKNOWN");
	if (!proxy_take_address(&line, v6, &proxy->client) ||
	    !proxy_take_address(&line, v6, &server))
		return proxy_refuse(proxy, "version 1, with a bad address");
	if (!proxy_take_port(&line, &proxy->client.port) ||
	    memchr(line.ptr, ' ', line.len) != NULL ||
	    !proxy_take_port(&line, &port))
		return proxy_refuse(proxy, "version 1, with a bad port");
	proxy->has_client = true;
	return PROXY_DONE;
}

static enum proxy_result
proxy_parse_v1(struct proxy *proxy, struct span bytes)
{
	size_t skip = PROXY_V1_START.len;
	size_t most = bytes.len < PROXY_V1_BYTES ? bytes.len : PROXY_V1_BYTES;
	const char *end = memchr(bytes.ptr, '\n', most);

	if (end == NULL)
		return most < PROXY_V1_BYTES
			   ? PROXY_MORE
			   : proxy_refuse(
				 proxy, "version 1, longer than 107 bytes");
	if (end[-1] != '\r')
		return proxy_refuse(
		    proxy, "version 1, and the line does not end in CR LF");
	proxy->len = (size_t)(end + 1 - bytes.ptr);
	return proxy_parse_line(
	    proxy, (struct span){ bytes.ptr + skip, proxy->len - 2 - skip });
}

static unsigned
proxy_byte(const char *p)
{
	return (unsigned char)*p;
}

static unsigned
proxy_word(const char *p)
{
	return proxy_byte(p) << 8 | proxy_byte(p + 1);
}

/* Adds bytes to a checksum (RFC 9260 appendix A). */
static uint32_t
proxy_crc32c(uint32_t crc, const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		crc ^= proxy_byte(p + i);
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return crc;
}

/* Is sum, inside the header, the checksum of it with zeros in that place? */
static bool
proxy_sum_is_right(const struct proxy *proxy, const char *data, const char *sum)
{
	static const char zeros[PROXY_CRC32C_BYTES];
	const char *rest = sum + PROXY_CRC32C_BYTES;
	uint32_t crc = UINT32_MAX;

	crc = proxy_crc32c(crc, data, (size_t)(sum - data));
	crc = proxy_crc32c(crc, zeros, sizeof(zeros));
	crc = proxy_crc32c(crc, rest, proxy->len - (size_t)(rest - data));
	return ~crc == (proxy_word(sum) << 16 | proxy_word(sum + 2));
}

/* What follows the addresses, from the byte at on. */
static enum proxy_result
proxy_check_tlvs(struct proxy *proxy, const char *data, size_t at)
{
	while (at < proxy->len) {
		size_t left = proxy->len - at, len;

		if (left < 3)
			return proxy_refuse(proxy, "version 2, with a cut TLV");
		len = proxy_word(data + at + 1);
		if (len > left - 3)
			return proxy_refuse(
			    proxy, "version 2, with a TLV that is too long");
		if (proxy_byte(data + at) == PROXY_TLV_CRC32C &&
		    (len != PROXY_CRC32C_BYTES ||
			!proxy_sum_is_right(proxy, data, data + at + 3)))
			return proxy_refuse(
			    proxy, "version 2, with a wrong checksum");
		at += 3 + len;
	}
	return PROXY_DONE;
}

/* The bytes of the addresses of a family. */
static const size_t proxy_v2_lens[] = {
	[PROXY_V2_UNSPEC] = 0,
	[PROXY_V2_INET] = 4 + 4 + 2 + 2,
	[PROXY_V2_INET6] = 16 + 16 + 2 + 2,
	[PROXY_V2_UNIX] = 108 + 108,
};

static void
proxy_take_v2(struct proxy *proxy, unsigned family, const char *p)
{
	uint8_t bytes[16];

	proxy->has_client = family != PROXY_V2_UNSPEC;
	switch (family) {
	case PROXY_V2_INET:
		memcpy(bytes, p, 4);
		address_set_v4(&proxy->client, bytes);
		proxy->client.port = (uint16_t)proxy_word(p + 8);
		break;
	case PROXY_V2_INET6:
		memcpy(bytes, p, 16);
		address_set_v6(&proxy->client, bytes);
		proxy->client.port = (uint16_t)proxy_word(p + 32);
		break;
	default: proxy->client = (struct address){ .family = AF_UNIX }; break;
	}
}

/* The addresses of a header that is whole, and what follows them. */
static enum proxy_result
proxy_parse_addresses(struct proxy *proxy, const char *data)
{
	unsigned family = proxy_byte(data + 13) >> 4;
	unsigned transport = proxy_byte(data + 13) & 15;
	size_t at = PROXY_V2_FIXED;

	/* A stream or a datagram: we know what it is. */
	if (family > PROXY_V2_UNIX || transport > 2)
		return proxy_refuse(
		    proxy, "version 2, with a family nobody knows");
	if (proxy->len - at < proxy_v2_lens[family])
		return proxy_refuse(
		    proxy, "version 2, shorter than its addresses");
	proxy_take_v2(proxy, family, data + at);
	return proxy_check_tlvs(proxy, data, at + proxy_v2_lens[family]);
}

static enum proxy_result
proxy_parse_v2(struct proxy *proxy, struct span bytes)
{
	unsigned version, command;

	if (bytes.len < PROXY_V2_FIXED)
		return PROXY_MORE;
	version = proxy_byte(bytes.ptr + 12) >> 4;
	command = proxy_byte(bytes.ptr + 12) & 15;
	if (version != 2 || command > PROXY_V2_PROXY)
		return proxy_refuse(
		    proxy, "neither LOCAL nor PROXY of version 2");
	proxy->len = PROXY_V2_FIXED + proxy_word(bytes.ptr + 14);
	if (proxy->len > PROXY_BYTES)
		return proxy_refuse(proxy, "longer than 4096 bytes");
	if (bytes.len < proxy->len)
		return PROXY_MORE;
	/* A health check of the proxy: what else is there means nothing. */
	if (command == PROXY_V2_LOCAL)
		return PROXY_DONE;
	return proxy_parse_addresses(proxy, bytes.ptr);
}

enum proxy_result
proxy_parse(struct proxy *proxy, const char *data, size_t len)
{
	const struct span bytes = { data, len };

	*proxy = (struct proxy){ .client = { .family = AF_UNIX } };
	if (len == 0)
		return PROXY_MORE;
	if (proxy_begins(bytes, PROXY_V1_START))
		return proxy_parse_v1(proxy, bytes);
	if (proxy_begins(bytes, PROXY_V2_START))
		return proxy_parse_v2(proxy, bytes);
	return proxy_refuse(proxy, "no header of the PROXY protocol");
}
