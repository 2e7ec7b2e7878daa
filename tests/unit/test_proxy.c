/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/proxy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define V2 "\r\n\r\n\0\r\nQUIT\n"
#define V4 "\xc0\x00\x02\x01\x0a\x00\x00\x01\x30\x39\x00\x50"
#define V6                                                                     \
	"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"                           \
	"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02\x30\x39\x00\x50"
#define MAPPED                                                                 \
	"\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\x00\x02\x01"                         \
	"\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\x00\x02\x02\x30\x39\x00\x50"
#define Z8   "\0\0\0\0\0\0\0\0"
#define Z216 Z27 Z27 Z27 Z27 Z27 Z27 Z27 Z27
#define Z27  Z8 Z8 Z8 "\0\0\0"

/*
 * What a header becomes: its text form, or "" for a proxy that speaks for
 * itself; NULL: refused.  Behind each the bytes of a request follow.
 */
struct row {
	const char *name;
	struct span bytes;
	const char *want;
	unsigned port;
};

#define ROW(name, bytes, want, port)                                           \
	{                                                                      \
		name, { bytes, sizeof(bytes) - 1 }, want, port                 \
	}

static const struct row rows[] = {
	ROW("v1 IPv4", "PROXY TCP4 192.0.2.1 10.0.0.1 12345 80\r\n",
	    "192.0.2.1", 12345),
	ROW("v1 IPv6", "PROXY TCP6 2001:db8::1 ::1 1 65535\r\n", "2001:db8::1",
	    1),
	ROW("v1 IPv4-mapped",
	    "PROXY TCP6 ::ffff:192.0.2.1 ::ffff:10.0.0.1 0 80\r\n", "192.0.2.1",
	    0),
	ROW("v1, the longest",
	    "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe "
	    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
	    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", 65535),
	ROW("v1 unknown", "PROXY UNKNOWN\r\n", "", 0),
	ROW("v1 unknown, with what means nothing",
	    "PROXY UNKNOWN 192.0.2.1  x \r y\r\n", "", 0),
	ROW("v1 nothing", "PROXY \r\n", NULL, 0),
	ROW("v1 another protocol", "PROXY UDP4 192.0.2.1 10.0.0.1 1 80\r\n",
	    NULL, 0),
	ROW("v1 lower case", "PROXY tcp4 192.0.2.1 10.0.0.1 1 80\r\n", NULL, 0),
	ROW("v1 no port", "PROXY TCP4 192.0.2.1 10.0.0.1 1\r\n", NULL, 0),
	ROW("v1 an empty port", "PROXY TCP4 192.0.2.1 10.0.0.1 1 \r\n", NULL,
	    0),
	ROW("v1 a port too many", "PROXY TCP4 192.0.2.1 10.0.0.1 1 80 80\r\n",
	    NULL, 0),
	ROW("v1 a space at the end", "PROXY TCP4 192.0.2.1 10.0.0.1 1 80 \r\n",
	    NULL, 0),
	ROW("v1 two spaces", "PROXY TCP4  192.0.2.1 10.0.0.1 1 80\r\n", NULL,
	    0),
	ROW("v1 a tab", "PROXY TCP4 192.0.2.1\t10.0.0.1 1 80\r\n", NULL, 0),
	ROW("v1 a large port", "PROXY TCP4 192.0.2.1 10.0.0.1 65536 80\r\n",
	    NULL, 0),
	ROW("v1 a zero before", "PROXY TCP4 192.0.2.1 10.0.0.1 01 80\r\n", NULL,
	    0),
	ROW("v1 the other family", "PROXY TCP4 ::1 ::1 1 80\r\n", NULL, 0),
	ROW("v1 the other family again",
	    "PROXY TCP6 192.0.2.1 10.0.0.1 1 80\r\n", NULL, 0),
	ROW("v1 no address", "PROXY TCP4 localhost 10.0.0.1 1 80\r\n", NULL, 0),
	ROW("v1 no address of the proxy",
	    "PROXY TCP4 192.0.2.1 localhost 1 80\r\n", NULL, 0),
	ROW("v1 a bare LF", "PROXY TCP4 192.0.2.1 10.0.0.1 1 80\n", NULL, 0),
	ROW("v1 a NUL", "PROXY TCP4 192.0.2.1\0 10.0.0.1 1 80\r\n", NULL, 0),
	ROW("v1 in lower case", "proxy TCP4 192.0.2.1 10.0.0.1 1 80\r\n", NULL,
	    0),
	ROW("a request", "GET / HTTP/1.1\r\n", NULL, 0),
	ROW("a request by P", "POST / HTTP/1.1\r\n", NULL, 0),
	ROW("an empty line", "\r\n", NULL, 0),
	ROW("two empty lines", "\r\n\r\nGET", NULL, 0),
	ROW("TLS", "\x16\x03\x01", NULL, 0),
	ROW("v2 IPv4", V2 "\x21\x11\0\x0c" V4, "192.0.2.1", 12345),
	ROW("v2 IPv4 of a datagram", V2 "\x21\x12\0\x0c" V4, "192.0.2.1",
	    12345),
	ROW("v2 IPv6", V2 "\x21\x21\0\x24" V6, "2001:db8::1", 12345),
	ROW("v2 IPv4-mapped", V2 "\x21\x21\0\x24" MAPPED, "192.0.2.1", 12345),
	ROW("v2 unix", V2 "\x21\x31\0\xd8" Z216, "unix:", 0),
	ROW("v2 local", V2 "\x20\0\0\0", "", 0),
	ROW("v2 local, with what means nothing", V2 "\x20\xff\0\x0c" V4, "", 0),
	ROW("v2 unspecified", V2 "\x21\0\0\0", "", 0),
	ROW("v2 unspecified, with a TLV", V2 "\x21\0\0\x04\x04\0\1x", "", 0),
	ROW("v2 TLVs", V2 "\x21\x11\0\x14" V4 "\x04\0\0\x01\0\x02h2",
	    "192.0.2.1", 12345),
	ROW("v2 a cut TLV", V2 "\x21\x11\0\x0e" V4 "\x04\0", NULL, 0),
	ROW("v2 a long TLV", V2 "\x21\x11\0\x0f" V4 "\x04\0\1", NULL, 0),
	ROW("v2 a checksum",
	    V2 "\x21\x11\0\x13" V4 "\x03\0\x04\x02\x34\x2a\x9c", "192.0.2.1",
	    12345),
	ROW("v2 a wrong checksum", V2 "\x21\x11\0\x13" V4 "\x03\0\x04\0\0\0\0",
	    NULL, 0),
	ROW("v2 a short checksum", V2 "\x21\x11\0\x12" V4 "\x03\0\x03\0\0\0",
	    NULL, 0),
	ROW("v2 short for IPv4", V2 "\x21\x11\0\x0b" V4, NULL, 0),
	ROW("v2 short for IPv6", V2 "\x21\x21\0\x0c" V4, NULL, 0),
	ROW("v2 short for unix", V2 "\x21\x31\0\x0c" V4, NULL, 0),
	ROW("v2 of version 1", V2 "\x11\x11\0\x0c" V4, NULL, 0),
	ROW("v2 of version 3", V2 "\x31\x11\0\x0c" V4, NULL, 0),
	ROW("v2 another command", V2 "\x22\x11\0\x0c" V4, NULL, 0),
	ROW("v2 another family", V2 "\x21\x41\0\x0c" V4, NULL, 0),
	ROW("v2 another transport", V2 "\x21\x13\0\x0c" V4, NULL, 0),
	ROW("v2 too long", V2 "\x21\x11\x10\0" V4, NULL, 0),
	ROW("v2 another start", "\r\n\r\n\0\r\nQUIX\n", NULL, 0),
};

#define NROWS (sizeof(rows) / sizeof(rows[0]))

static const char request[] = "GET / HTTP/1.1\r\n\r\n";

static void
check(
    const struct row *row, const struct proxy *proxy, enum proxy_result result)
{
	char text[ADDRESS_TEXT] = "";

	if (row->want == NULL) {
		assert_int_equal(result, PROXY_REFUSED);
		assert_non_null(proxy->problem);
		return;
	}
	assert_int_equal(result, PROXY_DONE);
	assert_int_equal(proxy->len, row->bytes.len);
	assert_int_equal(proxy->has_client, row->want[0] != '\0');
	if (proxy->has_client)
		(void)address_format(&proxy->client, text);
	assert_string_equal(text, row->want);
	if (proxy->has_client)
		assert_int_equal(proxy->client.port, row->port);
}

static void
test_headers_of_both_versions(void **state)
{
	(void)state;
	for (size_t i = 0; i < NROWS; i++) {
		const struct row *row = &rows[i];
		size_t len = row->bytes.len + sizeof(request) - 1;
		struct proxy proxy;
		char *copy = malloc(len);

		print_message("%s\n", row->name);
		memcpy(copy, row->bytes.ptr, row->bytes.len);
		memcpy(copy + row->bytes.len, request, sizeof(request) - 1);
		check(row, &proxy, proxy_parse(&proxy, copy, len));
		free(copy);
	}
}

static void
test_where_a_header_is_split_does_not_matter(void **state)
{
	(void)state;
	for (size_t i = 0; i < NROWS; i++) {
		enum proxy_result result = PROXY_MORE;
		struct proxy proxy;

		for (size_t len = 0; len <= rows[i].bytes.len; len++) {
			/* Each time with exactly what has come. */
			char *copy = malloc(len + 1);

			memcpy(copy, rows[i].bytes.ptr, len);
			result = proxy_parse(&proxy, copy, len);
			free(copy);
			if (result != PROXY_MORE)
				break;
		}
		print_message("%s\n", rows[i].name);
		/* A header that is too short goes on in the request. */
		if (result == PROXY_MORE)
			assert_null(rows[i].want);
		else
			check(&rows[i], &proxy, result);
	}
}

static void
test_no_line_is_waited_for_for_ever(void **state)
{
	char bytes[200];
	struct proxy proxy;

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	memcpy(bytes, "PROXY UNKNOWN ", 14);
	assert_int_equal(proxy_parse(&proxy, bytes, 106), PROXY_MORE);
	assert_int_equal(proxy_parse(&proxy, bytes, 107), PROXY_REFUSED);
	memcpy(bytes + 105, "\r\n", 2);
	assert_int_equal(proxy_parse(&proxy, bytes, 200), PROXY_DONE);
	assert_int_equal(proxy.len, 107);
	memcpy(bytes + 105, "x\r\n", 3);
	assert_int_equal(proxy_parse(&proxy, bytes, 200), PROXY_REFUSED);
}

static void
test_a_header_of_version_2_has_a_most(void **state)
{
	static char bytes[PROXY_BYTES + 1];
	struct proxy proxy;

	(void)state;
	/* PP2_TYPE_NOOP, over all that is left. */
	memcpy(bytes, V2 "\x21\x11\x0f\xf0" V4 "\x04\x0f\xe1", 31);
	assert_int_equal(
	    proxy_parse(&proxy, bytes, PROXY_BYTES - 1), PROXY_MORE);
	assert_int_equal(proxy_parse(&proxy, bytes, PROXY_BYTES), PROXY_DONE);
	assert_int_equal(proxy.len, PROXY_BYTES);
	bytes[15]++;
	assert_int_equal(proxy_parse(&proxy, bytes, 16), PROXY_REFUSED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers_of_both_versions),
		cmocka_unit_test(test_where_a_header_is_split_does_not_matter),
		cmocka_unit_test(test_no_line_is_waited_for_for_ever),
		cmocka_unit_test(test_a_header_of_version_2_has_a_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
