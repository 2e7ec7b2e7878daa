/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/errorpages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct conf_pair items[] = {
	{ .name = "5xx", .value = "/5.html" },
	{ .name = "404", .value = "/404.html" },
	{ .name = "503", .value = "built-in" },
	{ .name = "403", .value = "/403.html" },
};

static const struct {
	int status;
	const char *without; /* folders; NULL: built-in */
	const char *with;
} rows[] = {
	{ 404, "/404.html", "/404.html" },
	{ 403, "/403.html", "/403.html" },
	{ 410, NULL, "/410/index.html" },
	{ 500, "/5.html", "/5.html" },
	{ 503, NULL, NULL },
	/* What can have no page has none. */
	{ 400, NULL, NULL },
	{ 412, NULL, NULL },
	{ 416, NULL, NULL },
	{ 421, NULL, NULL },
	{ 501, NULL, NULL },
	{ 599, NULL, NULL },
};

static void
assert_path(const struct errorpages *pages, int status, const char *expected)
{
	char folder[ERRORPAGES_FOLDER_BYTES];
	const char *path = errorpages_path(pages, status, folder);

	if (expected == NULL)
		assert_null(path);
	else
		assert_string_equal(path, expected);
}

static void
test_every_status_has_its_page(void **state)
{
	const struct conf_error_pages without = { .pages = { items, 4 } };
	const struct conf_error_pages with = { .folders = true,
		.pages = { items, 4 } };
	struct errorpages pages;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		errorpages_init(&pages, &without);
		assert_path(&pages, rows[i].status, rows[i].without);
		errorpages_init(&pages, &with);
		assert_path(&pages, rows[i].status, rows[i].with);
	}
}

static void
test_without_a_page_nothing_is_on(void **state)
{
	const struct conf_error_pages none = { .name = "" };
	const struct conf_error_pages folders = { .folders = true };
	struct errorpages pages;

	(void)state;
	errorpages_init(&pages, NULL);
	assert_false(errorpages_are_on(&pages));
	errorpages_init(&pages, &none);
	assert_false(errorpages_are_on(&pages));
	errorpages_init(&pages, &folders);
	assert_true(errorpages_are_on(&pages));
	assert_null(errorpages_find(&pages, 404));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_status_has_its_page),
		cmocka_unit_test(test_without_a_page_nothing_is_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
