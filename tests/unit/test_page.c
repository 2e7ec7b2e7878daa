/* SPDX-License-Identifier: BSD-2-Clause */
#include "status/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
test_the_page_is_whole(void **state)
{
	struct span html = page_html();

	(void)state;
	assert_true(span_starts_with(html, SPAN("<!DOCTYPE html>\n")));
	assert_memory_equal(html.ptr + html.len - 8, "</html>\n", 8);
}

/* A browser would otherwise apply and run nothing. */
static void
test_its_policy_allows_its_own_style_and_script_alone(void **state)
{
	char fields[1024];

	(void)state;
	assert_true(page_fields().len < sizeof(fields));
	memcpy(fields, page_fields().ptr, page_fields().len);
	fields[page_fields().len] = '\0';
	assert_non_null(strstr(
	    fields, "\r\nContent-Security-Policy: default-src 'none'; "));
	assert_non_null(strstr(fields, "; style-src 'sha256-"));
	assert_non_null(strstr(fields, "; script-src 'sha256-"));
	assert_null(strstr(fields, "unsafe"));
	assert_memory_equal(fields + page_fields().len - 2, "\r\n", 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_page_is_whole),
		cmocka_unit_test(
		    test_its_policy_allows_its_own_style_and_script_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
