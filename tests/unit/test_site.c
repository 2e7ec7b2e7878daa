/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
test_dot_components_are_hidden_but_for_well_known(void **state)
{
	static const struct {
		const char *path;
		bool hidden;
	} rows[] = {
		{ "/", false },
		{ "/a.html", false },
		{ "/a/b..c/d.", false },
		{ "/.git", true },
		{ "/.git/config", true },
		{ "/a/.htpasswd", true },
		{ "/a/.b/c", true },
		{ "/...", true },
		{ "/.well-known/security.txt", false },
		{ "/.well-known/", false },
		{ "/.well-known/.git/config", true },
		{ "/.well-known", true },
		{ "/.well-known-not/x", true },
		{ "/a/.well-known/x", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (site_path_hidden(span_of(rows[i].path)) != rows[i].hidden)
			fail_msg("%s", rows[i].path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_dot_components_are_hidden_but_for_well_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
