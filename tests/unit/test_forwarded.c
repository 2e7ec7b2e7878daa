/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/forwarded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct request_limits limits = {
	.head_bytes = 65536,
	.target_bytes = 1024,
	.field_bytes = 65536,
	.nfields = 1000,
};

static void
test_addresses_with_and_without_ports(void **state)
{
	static const struct {
		const char *text, *want; /* NULL: refused */
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "192.0.2.1:5678", "192.0.2.1" },
		{ "192.0.2.1:0", "192.0.2.1" },
		{ "2001:db8::1", "2001:db8::1" },
		{ "[2001:db8::1]", "2001:db8::1" },
		{ "[2001:db8::1]:80", "2001:db8::1" },
		{ "::ffff:192.0.2.1", "192.0.2.1" },
		{ "[::ffff:192.0.2.1]:80", "192.0.2.1" },
		{ "::1", "::1" },
		{ "1::", "1::" },
		{ "", NULL },
		{ "unknown", NULL },
		{ "_hidden", NULL },
		{ "unix:", NULL },
		{ "\"192.0.2.1\"", NULL },
		{ "192.0.2.1:", NULL },
		{ "192.0.2.1:x", NULL },
		{ "192.0.2.1:_port", NULL },
		{ "192.0.2.1:65536", NULL },
		{ "192.0.2.1:80:80", NULL },
		{ "192.0.2.1 ", NULL },
		{ "192.0.2", NULL },
		{ "192.0.2.01", NULL },
		{ "[192.0.2.1]", NULL },
		{ "[192.0.2.1]:80", NULL },
		{ "[", NULL },
		{ "[]", NULL },
		{ "[]:80", NULL },
		{ "[::1", NULL },
		{ "[::1]80", NULL },
		{ "[::1]:", NULL },
		{ "[::1]:80x", NULL },
		{ "[[::1]]", NULL },
		{ "::1]:80", NULL },
		{ "fe80::1%eth0", NULL },
		{ "[fe80::1%25eth0]", NULL },
		{ ":", NULL },
		{ ":80", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct address address;
		char text[ADDRESS_TEXT];
		int rc =
		    forwarded_parse_address(&address, span_of(rows[i].text));

		assert_int_equal(rc, rows[i].want == NULL ? -1 : 0);
		if (rc == -1)
			continue;
		(void)address_format(&address, text);
		assert_string_equal(text, rows[i].want);
	}
}

/* Whom a request of 10.0.0.1 or another is of; trusted: 10/8, fd00::/8. */
static void
check(const char *sender, const char *fields, int want_rc, const char *want)
{
	struct cidr_entry entries[2] = { 0 };
	struct cidr_range room[CIDR_ROOM(2)];
	struct cidr_set trusted;
	struct request request;
	struct address client;
	char text[ADDRESS_TEXT];
	char *head = NULL;
	int len;

	assert_null(cidr_parse(&entries[0].cidr, SPAN("10.0.0.0/8")));
	assert_null(cidr_parse(&entries[1].cidr, SPAN("fd00::/8")));
	cidr_set_make(&trusted, entries, 2, room);
	len = asprintf(&head, "GET / HTTP/1.1\r\nHost: x\r\n%s\r\n", fields);
	assert_int_not_equal(len, -1);
	request_init(&request);
	assert_int_equal(
	    request_feed(&request, &limits, head, (size_t)len), REQUEST_DONE);
	assert_int_equal(address_parse(&client, span_of(sender)), 0);
	assert_int_equal(
	    forwarded_follow(&request, &trusted, &client), want_rc);
	(void)address_format(&client, text);
	assert_string_equal(text, want);
	free(head);
}

#define XFF "X-Forwarded-For: "

static void
test_nobody_but_a_trusted_proxy_is_believed(void **state)
{
	(void)state;
	check("192.0.2.1", XFF "1.1.1.1\r\n", 0, "192.0.2.1");
	check("11.0.0.1", XFF "10.0.0.1\r\n", 0, "11.0.0.1");
	check("fc00::1", XFF "1.1.1.1\r\n", 0, "fc00::1");
	check("192.0.2.1", XFF "unknown\r\n", 0, "192.0.2.1");
	check("10.0.0.1", XFF "1.1.1.1\r\n", 0, "1.1.1.1");
	check("::ffff:10.0.0.1", XFF "1.1.1.1\r\n", 0, "1.1.1.1");
}

static void
test_the_last_that_is_not_trusted_counts(void **state)
{
	(void)state;
	check("10.0.0.1", XFF "6.6.6.6, 1.1.1.1\r\n", 0, "1.1.1.1");
	check("10.0.0.1", XFF "6.6.6.6, 1.1.1.1, 10.0.0.2, fd00::3\r\n", 0,
	    "1.1.1.1");
	check("10.0.0.1", XFF "10.0.0.9, 1.1.1.1,10.0.0.2\r\n", 0, "1.1.1.1");
	/* All are trusted: the farthest. */
	check("10.0.0.1", XFF "10.0.0.3, 10.0.0.2\r\n", 0, "10.0.0.3");
	check("10.0.0.1", "", 0, "10.0.0.1");
	check("10.0.0.1", "X-Forwarded-Fo: 1.1.1.1\r\n", 0, "10.0.0.1");
	check("10.0.0.1", "X-Forwarded-For2: 1.1.1.1\r\n", 0, "10.0.0.1");
	check("10.0.0.1", "x-forwarded-FOR:1.1.1.1\r\n", 0, "1.1.1.1");
}

static void
test_several_lines_are_one_list(void **state)
{
	(void)state;
	check("10.0.0.1",
	    XFF "6.6.6.6\r\nX: y\r\n" XFF "1.1.1.1, 10.0.0.3\r\n" XFF
		"10.0.0.2\r\n",
	    0, "1.1.1.1");
	check("10.0.0.1", XFF "1.1.1.1\r\n" XFF "\r\n" XFF " , ,\r\n", 0,
	    "1.1.1.1");
}

static void
test_empty_elements_are_passed_over(void **state)
{
	(void)state;
	check("10.0.0.1", XFF ",\r\n", 0, "10.0.0.1");
	check("10.0.0.1", XFF "\r\n", 0, "10.0.0.1");
	check("10.0.0.1", XFF ",, 1.1.1.1 ,,\t,\r\n", 0, "1.1.1.1");
}

/* What a client sent stands before what his proxy added, and is not read. */
static void
test_rubbish_before_the_client_means_nothing(void **state)
{
	(void)state;
	check("10.0.0.1", XFF "unknown, \"[, 1.1.1.1\r\n", 0, "1.1.1.1");
	check("10.0.0.1", XFF "\"6.6.6.6, 1.1.1.1\r\n", 0, "1.1.1.1");
}

static void
test_where_somebody_cannot_be_read_it_ends(void **state)
{
	(void)state;
	check("10.0.0.1", XFF "1.1.1.1, unknown\r\n", -1, "10.0.0.1");
	check("10.0.0.1", XFF "1.1.1.1, _x, 10.0.0.2\r\n", -1, "10.0.0.2");
	check("10.0.0.1", XFF "1.1.1.1 2.2.2.2\r\n", -1, "10.0.0.1");
	check("10.0.0.1", XFF "for=1.1.1.1\r\n", -1, "10.0.0.1");
	check("10.0.0.1", XFF "fe80::1%eth0\r\n", -1, "10.0.0.1");
}

/* However much a client sends before, it is his own address that counts. */
static void
test_no_length_makes_it_give_up(void **state)
{
	enum { N = 900 };
	static char fields[N * 40];
	size_t len = 0;

	(void)state;
	for (int i = 0; i < N; i++)
		len += (size_t)snprintf(fields + len, sizeof(fields) - len,
		    XFF "%s\r\n", i % 2 == 0 ? "10.0.0.7" : "unknown");
	(void)snprintf(fields + len, sizeof(fields) - len, XFF "1.1.1.1\r\n");
	check("10.0.0.1", fields, 0, "1.1.1.1");

	len = (size_t)snprintf(fields, sizeof(fields), XFF);
	for (int i = 0; i < N; i++)
		len += (size_t)snprintf(
		    fields + len, sizeof(fields) - len, "10.0.0.7,,");
	(void)snprintf(fields + len, sizeof(fields) - len, "1.1.1.1\r\n");
	check("10.0.0.1", fields, 0, "1.1.1.1");
	/* Proxies behind proxies are followed so far and no farther. */
	(void)snprintf(fields + len, sizeof(fields) - len, "10.0.0.8\r\n");
	check("10.0.0.1", fields, 0, "10.0.0.7");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses_with_and_without_ports),
		cmocka_unit_test(test_nobody_but_a_trusted_proxy_is_believed),
		cmocka_unit_test(test_the_last_that_is_not_trusted_counts),
		cmocka_unit_test(test_several_lines_are_one_list),
		cmocka_unit_test(test_empty_elements_are_passed_over),
		cmocka_unit_test(test_rubbish_before_the_client_means_nothing),
		cmocka_unit_test(test_where_somebody_cannot_be_read_it_ends),
		cmocka_unit_test(test_no_length_makes_it_give_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
