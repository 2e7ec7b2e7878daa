/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/fallback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const struct request_limits limits = {
	.head_bytes = 4096,
	.target_bytes = 1024,
	.field_bytes = 1024,
	.nfields = 20,
};

static void
test_a_page_has_no_dot_in_its_last_segment(void **state)
{
	static const struct {
		const char *path;
		bool page;
	} rows[] = {
		{ "/", true },
		{ "/a", true },
		{ "/a/", true },
		{ "/v1.2/a", true },
		{ "/a.", false },
		{ "/a.js", false },
		{ "/v1.2/a.b.c", false },
		{ "/a.js/", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
		    fallback_may_be_page(span_of(rows[i].path)), rows[i].page);
}

static void
test_a_navigation_is_known_by_its_fields(void **state)
{
	static const struct {
		const char *fields;
		bool navigation;
	} rows[] = {
		{ "", true },
		{ "Accept: */*\r\n", true },
		{ "Accept:\r\n", true },
		{ "Accept: text/html,*/*;q=0.8\r\n", true },
		{ "Accept: TEXT/HTML\r\n", true },
		{ "Accept: image/*,*/*;q=0.5\r\n", false },
		{ "Accept: application/json\r\n", false },
		{ "Sec-Fetch-Mode: navigate\r\n", true },
		{ "sec-fetch-mode:  Navigate \r\nAccept: x/y\r\n", true },
		{ "Sec-Fetch-Mode: cors\r\n", false },
		{ "Sec-Fetch-Mode: cors\r\nAccept: */*\r\n", false },
		{ "Sec-Fetch-Mode: cors\r\nAccept: text/html\r\n", true },
		{ "Sec-Fetch-Mode:\r\n", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct request request;
		char text[256];
		int len = snprintf(text, sizeof(text),
		    "GET / HTTP/1.1\r\nHost: x\r\n%s\r\n", rows[i].fields);

		request_init(&request);
		assert_int_equal(
		    request_feed(&request, &limits, text, (size_t)len),
		    REQUEST_DONE);
		if (fallback_is_navigation(&request) != rows[i].navigation)
			fail_msg("%s", rows[i].fields);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_page_has_no_dot_in_its_last_segment),
		cmocka_unit_test(test_a_navigation_is_known_by_its_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
