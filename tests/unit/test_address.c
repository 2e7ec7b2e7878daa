/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/address.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
assert_text(const struct address *peer, const char *want)
{
	char text[ADDRESS_TEXT];

	memset(text, '#', sizeof(text));
	assert_int_equal(address_format(peer, text), strlen(want));
	assert_string_equal(text, want);
}

/* As libc says it, which knows no better form but for what holds IPv4. */
static void
assert_as_libc(int family, const void *addr)
{
	struct address peer = { .family = (uint8_t)family };
	char want[ADDRESS_TEXT];

	memcpy(peer.addr, addr, family == AF_INET ? 4 : 16);
	assert_non_null(inet_ntop(family, addr, want, sizeof(want)));
	assert_text(&peer, want);
}

static void
test_every_byte_of_an_ipv4_address(void **state)
{
	uint8_t addr[4];

	(void)state;
	for (int i = 0; i < 256; i++) {
		for (int j = 0; j < 4; j++)
			addr[j] = (uint8_t)(i * (j + 1) + j);
		assert_as_libc(AF_INET, addr);
	}
}

static void
test_ipv6_addresses_in_the_form_of_rfc_5952(void **state)
{
	static const char *const texts[] = { "::", "::1", "1::", "1::2",
		"2001:db8::1", "fe80::1:2:3:4", "1:2:3:4:5:6:7:8",
		"1:0:2:0:3:0:4:0", "0:1:2:3:4:5:6:7", "1:2:3:4:5:6:7:0",
		"1:0:0:2::3", "1::2:0:0:3", "ff02::1:ff00:0",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "abcd:ef01::fff" };
	struct in6_addr addr;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(inet_pton(AF_INET6, texts[i], &addr), 1);
		assert_as_libc(AF_INET6, &addr);
	}
}

static void
test_any_ipv6_address_as_libc_says_it(void **state)
{
	uint8_t addr[16];

	(void)state;
	srand(1);
	for (int i = 0; i < 20000; i++) {
		/* Few bytes are set, so that there are runs of zeros. */
		for (int j = 0; j < 16; j++)
			addr[j] = rand() % 3 == 0 ? (uint8_t)rand() : 0;
		/* Not one of those that libc takes for IPv4. */
		addr[0] |= 0x20;
		assert_as_libc(AF_INET6, addr);
	}
}

static void
test_a_unix_socket_has_no_address(void **state)
{
	const struct address peer = { .family = AF_UNIX };

	(void)state;
	assert_text(&peer, "unix:");
}

static void
test_what_is_written_is_read_again(void **state)
{
	static const char *const texts[] = { "0.0.0.0", "255.255.255.255",
		"192.0.2.1", "::", "::1", "2001:db8::1", "::1.2.3.4" };
	static const char *const mapped[] = { "::ffff:192.0.2.1",
		"0:0:0:0:0:FFFF:c000:0201" };
	struct address address;
	char text[ADDRESS_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(address_parse(&address, span_of(texts[i])), 0);
		(void)address_format(&address, text);
		if (i != 6)
			assert_string_equal(text, texts[i]);
	}
	for (size_t i = 0; i < sizeof(mapped) / sizeof(mapped[0]); i++) {
		assert_int_equal(
		    address_parse(&address, span_of(mapped[i])), 0);
		assert_int_equal(address.family, AF_INET);
		assert_text(&address, "192.0.2.1");
	}
}

static void
test_what_is_not_exactly_an_address_is_refused(void **state)
{
	const struct span texts[] = { SPAN(""), SPAN(" "), SPAN("1"),
		SPAN("1.2.3"), SPAN("1.2.3.4.5"), SPAN("1.2.3.256"),
		SPAN("01.2.3.4"), SPAN("1.2.3.4 "), SPAN(" 1.2.3.4"),
		SPAN("1.2.3.4\0"), SPAN("0x1.2.3.4"), SPAN("1.2.3.4:80"),
		SPAN("[::1]"), SPAN("::1%lo"), SPAN(":"), SPAN(":::"),
		SPAN("1::2::3"), SPAN("12345::"), SPAN("::g"), SPAN("unix:"),
		SPAN("localhost"), SPAN("1:2:3:4:5:6:7:8:9"),
		SPAN("::ffff:1.2.3.256"),
		SPAN("0000:0000:0000:0000:0000:ffff:255.255.255.2555") };
	struct address address;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(address_parse(&address, texts[i]), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_byte_of_an_ipv4_address),
		cmocka_unit_test(test_ipv6_addresses_in_the_form_of_rfc_5952),
		cmocka_unit_test(test_any_ipv6_address_as_libc_says_it),
		cmocka_unit_test(test_a_unix_socket_has_no_address),
		cmocka_unit_test(test_what_is_written_is_read_again),
		cmocka_unit_test(
		    test_what_is_not_exactly_an_address_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
