/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/sock_addr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct sock_addr
address(const char *text)
{
	struct sock_addr addr;

	assert_null(sock_addr_parse(&addr, span_of(text)));
	return addr;
}

static void
test_addresses_read_and_write_the_same_text(void **state)
{
	static const struct {
		const char *text;
		const char *written; /* NULL: as text */
	} cases[] = {
		{ "127.0.0.1:80", NULL },
		{ "*:80", NULL },
		{ "0.0.0.0:80", "*:80" },
		{ "8080", "127.0.0.1:8080" },
		{ "0", "127.0.0.1:0" },
		{ "[::1]:80", NULL },
		{ "[::]:443", NULL },
		{ "[2001:DB8::1]:65535", "[2001:db8::1]:65535" },
		{ "[fe80::1%lo]:80", NULL },
		{ "unix:/run/tined.sock", NULL },
		{ "unix:/a:80", NULL },
	};
	char out[SOCK_ADDR_TEXT];
	struct sock_addr addr;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		addr = address(cases[i].text);
		sock_addr_format(&addr, out);
		assert_string_equal(out, cases[i].written == NULL
					     ? cases[i].text
					     : cases[i].written);
	}
}

static void
test_what_is_no_address_is_explained(void **state)
{
	static const char *const cases[] = { "", ":", ":80", "localhost:80",
		"127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
		"127.0.0.1:80 ", "127.0.0.256:80", "127.1:80",
		"1234567890.1234567890:80", "::1:80", "[::1]",
		"[::1]:", "[::1]80", "[::1:80", "[]:80", "[::g]:80",
		"[127.0.0.1]:80", "[fe80::1%no-such-interface]:80",
		"unix:", "unix:run/x",
		"unix:/0123456789012345678901234567890123456789"
		"0123456789012345678901234567890123456789"
		"0123456789012345678901234567",
		"65536", "80x" };
	struct sock_addr addr;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (sock_addr_parse(&addr, span_of(cases[i])) == NULL)
			fail_msg("\"%s\" was taken", cases[i]);
}

static void
test_addresses_are_equal_when_family_host_and_port_are(void **state)
{
	static const char *const cases[] = { "127.0.0.1:80", "127.0.0.1:81",
		"127.0.0.2:80", "[::1]:80", "[::1]:81", "[::2]:80", "unix:/a",
		"unix:/b" };
	const size_t n = sizeof(cases) / sizeof(cases[0]);
	struct sock_addr a, b;
	size_t i, j;

	(void)state;
	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++) {
			a = address(cases[i]);
			b = address(cases[j]);
			assert_int_equal(sock_addr_equal(&a, &b), i == j);
		}
	}
}

static void
test_only_this_machine_reaches_a_local_address(void **state)
{
	static const struct {
		const char *text;
		bool local;
	} cases[] = { { "unix:/a", true }, { "127.0.0.1:80", true },
		{ "127.255.0.9:80", true }, { "80", true },
		{ "[::1]:80", true }, { "[::ffff:127.0.0.1]:80", true },
		{ "*:80", false }, { "128.0.0.1:80", false },
		{ "10.0.0.1:80", false }, { "[::]:80", false },
		{ "[fe80::1]:80", false }, { "[::ffff:10.0.0.1]:80", false } };
	struct sock_addr addr;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		addr = address(cases[i].text);
		if (sock_addr_is_local(&addr) != cases[i].local)
			fail_msg("%s", cases[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses_read_and_write_the_same_text),
		cmocka_unit_test(test_what_is_no_address_is_explained),
		cmocka_unit_test(
		    test_addresses_are_equal_when_family_host_and_port_are),
		cmocka_unit_test(
		    test_only_this_machine_reaches_a_local_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
