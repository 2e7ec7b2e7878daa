/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/site.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

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

static void
test_a_coding_counts_once_and_in_its_place(void **state)
{
	static const char *words[] = { "gz", "none", "gz", "br" };
	const struct conf_site conf = {
		.precompressed = { .items = words, .nitems = 4 },
	};
	struct site site;

	(void)state;
	assert_int_equal(site_init(&site, &conf, -1), 0);
	assert_int_equal(site.codings, 1u << CODING_GZIP | 1u << CODING_BR);
	assert_int_equal(site.order[0], CODING_GZIP);
	assert_int_equal(site.order[1], CODING_BR);
	assert_int_equal(site.order[2], CODING_IDENTITY);
	assert_int_equal(site.order[3], CODING_ZSTD);
	site_fini(&site);
}

static void
test_a_manifest_that_is_not_used_says_why(void **state)
{
	const struct conf_site conf = { .manifest = CONF_MANIFEST_ETAG };
	char dir[] = "/tmp/tined-site-XXXXXX";
	struct site site;
	int root_fd;

	(void)state;
	assert_non_null(mkdtemp(dir));
	root_fd = open(dir, O_RDONLY | O_DIRECTORY);
	assert_int_not_equal(root_fd, -1);
	assert_int_equal(site_init(&site, &conf, root_fd), 0);
	assert_string_equal(
	    site_manifest_problem(&site), "No such file or directory");
	site_fini(&site);
	assert_int_equal(symlinkat("x", root_fd, CONF_MANIFEST_NAME), 0);
	assert_int_equal(site_init(&site, &conf, root_fd), 0);
	assert_string_equal(
	    site_manifest_problem(&site), "it is a symbolic link");
	site.manifest_error = EAGAIN;
	assert_string_equal(site_manifest_problem(&site),
	    "it was written to while it was read");
	site_fini(&site);
	assert_int_equal(unlinkat(root_fd, CONF_MANIFEST_NAME, 0), 0);
	assert_int_equal(close(root_fd), 0);
	assert_int_equal(rmdir(dir), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_dot_components_are_hidden_but_for_well_known),
		cmocka_unit_test(
		    test_the_last_section_that_says_so_decides_on_lists),
		cmocka_unit_test(test_a_coding_counts_once_and_in_its_place),
		cmocka_unit_test(test_a_manifest_that_is_not_used_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
