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

static void
test_the_last_section_that_says_so_decides_on_lists(void **state)
{
	static const struct conf_match on = {
		.glob = "*",
		.type = "",
		.listing = CONF_LISTING_ON,
	};
	static const struct conf_match off = {
		.glob = "*",
		.type = "",
		.listing = CONF_LISTING_OFF,
	};
	static const struct conf_match silent = {
		.glob = "*",
		.type = "",
		.listing = CONF_LISTING_INHERIT,
	};
	const struct conf_match *matches[] = { &on, &silent, &off, &silent };
	struct conf_site conf = { .matches = matches, .nmatches = 4 };
	struct site site;

	(void)state;
	assert_int_equal(site_init(&site, &conf, -1), 0);
	assert_true(site_may_list(&site));
	assert_false(site_lists(&site, 0));
	assert_true(site_lists(&site, 0x1));
	assert_true(site_lists(&site, 0x3));
	assert_false(site_lists(&site, 0x2));
	assert_false(site_lists(&site, 0x5));
	assert_false(site_lists(&site, 0xf));
	conf.listing = CONF_LISTING_ON;
	assert_true(site_lists(&site, 0));
	assert_true(site_lists(&site, 0xa));
	assert_false(site_lists(&site, 0x4));
	site_fini(&site);

	conf = (struct conf_site){ .matches = &matches[1], .nmatches = 3 };
	assert_int_equal(site_init(&site, &conf, -1), 0);
	assert_false(site_may_list(&site));
	site_fini(&site);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_dot_components_are_hidden_but_for_well_known),
		cmocka_unit_test(
		    test_the_last_section_that_says_so_decides_on_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
