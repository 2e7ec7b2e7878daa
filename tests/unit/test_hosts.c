/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/hosts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char *first_hosts[] = { "first.example" };
static const char *second_hosts[] = { "second.example", "www.second.example",
	"xn--bcher-kva.example", "[::1]" };
static const char *star_hosts[] = { "*.example", "*.second.example" };
static const char *deep_hosts[] = { "*.a.b.c.example", "b.c.example" };
static const struct conf_site confs[] = {
	{ .name = "first", .hosts = { .items = first_hosts, .nitems = 1 } },
	{ .name = "second", .hosts = { .items = second_hosts, .nitems = 4 } },
	{ .name = "star", .hosts = { .items = star_hosts, .nitems = 2 } },
	{ .name = "deep", .hosts = { .items = deep_hosts, .nitems = 2 } },
};
static const struct site sites[] = {
	{ .conf = &confs[0] },
	{ .conf = &confs[1] },
	{ .conf = &confs[2] },
	{ .conf = &confs[3] },
};

static const struct row {
	const char *host;
	const char *without; /* the wildcards */
	const char *with;
} rows[] = {
	{ "first.example", "first", "first" },
	{ "second.example", "second", "second" },
	{ "www.second.example", "second", "second" },
	{ "WWW.Second.EXAMPLE", "second", "second" },
	{ "second.example.", "second", "second" },
	{ "second.example..", "first", "first" },
	{ "xn--bcher-kva.example", "second", "second" },
	{ "[::1]", "second", "second" },
	{ "[::2]", "first", "first" },
	{ "", "first", "first" },
	{ ".", "first", "first" },
	/* A star is at least a label; the longest name behind one wins. */
	{ "other.example", "first", "star" },
	{ "other.example.", "first", "star" },
	{ "a.b.other.EXAMPLE", "first", "star" },
	{ "x.second.example", "first", "star" },
	{ "x.a.b.c.example", "first", "deep" },
	{ "y.x.a.b.c.example", "first", "deep" },
	{ "a.b.c.example", "first", "star" },
	{ "b.c.example", "first", "deep" },
	{ "example", "first", "first" },
	/* What is in the table for a star is no host. */
	{ ".example", "first", "first" },
	{ ".second.example", "first", "first" },
	{ "x..example", "first", "star" },
	{ ".second.example", "first", "first" },
	{ "notexample", "first", "first" },
	{ "*.example", "first", "star" },
	{ "other.example.org", "first", "first" },
};

static void
assert_site(const struct hosts *hosts, const char *host, const char *name)
{
	const struct site *site = hosts_match(hosts, span_of(host));

	if (strcmp(site->conf->name, name) != 0)
		fail_msg("%s: %s, not %s", host, site->conf->name, name);
}

static void
test_host_chooses_the_site_that_names_it(void **state)
{
	struct hosts hosts;

	(void)state;
	assert_int_equal(hosts_init(&hosts, sites, 2), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_site(&hosts, rows[i].host, rows[i].without);
	hosts_fini(&hosts);
	assert_int_equal(hosts_init(&hosts, sites, 4), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_site(&hosts, rows[i].host, rows[i].with);
	hosts_fini(&hosts);
}

static void
test_one_site_without_hosts_answers_all(void **state)
{
	static const struct conf_site conf = { .name = "all" };
	static const struct site site = { .conf = &conf };
	struct hosts hosts;

	(void)state;
	assert_int_equal(hosts_init(&hosts, &site, 1), 0);
	assert_site(&hosts, "x", "all");
	assert_site(&hosts, "", "all");
	assert_null(hosts_find(&hosts, SPAN("x")));
	hosts_fini(&hosts);
}

static void
test_where_hosts_are_all_no_other_name_has_a_site(void **state)
{
	const struct conf_site conf = { .name = "only",
		.hosts_only = true,
		.hosts = { .items = first_hosts, .nitems = 1 } };
	const struct site site = { .conf = &conf };
	struct hosts hosts;

	(void)state;
	assert_int_equal(hosts_init(&hosts, &site, 1), 0);
	assert_site(&hosts, "first.example", "only");
	assert_null(hosts_match(&hosts, SPAN("second.example")));
	assert_null(hosts_match(&hosts, (struct span){ 0 }));
	hosts_fini(&hosts);
}

static void
test_of_a_name_that_two_sites_have_the_first_counts(void **state)
{
	const struct conf_site conf[] = {
		{ .name = "a", .hosts = { .items = first_hosts, .nitems = 1 } },
		{ .name = "b", .hosts = { .items = first_hosts, .nitems = 1 } },
	};
	const struct site both[] = { { .conf = &conf[1] },
		{ .conf = &conf[0] } };
	struct hosts hosts;

	(void)state;
	assert_int_equal(hosts_init(&hosts, both, 2), 0);
	assert_site(&hosts, "first.example", "b");
	hosts_fini(&hosts);
}

static void
test_without_a_site_no_name_has_one(void **state)
{
	struct hosts hosts;

	(void)state;
	assert_int_equal(hosts_init(&hosts, NULL, 0), 0);
	assert_null(hosts_match(&hosts, SPAN("first.example")));
	hosts_fini(&hosts);
}

#define MANY 5000

static void
test_thousands_of_names_are_found(void **state)
{
	static char texts[MANY][32];
	static const char *items[MANY];
	struct conf_site conf = { .name = "many",
		.hosts = { .items = items, .nitems = MANY } };
	struct site site = { .conf = &conf };
	struct hosts hosts;

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		(void)snprintf(texts[i], sizeof(texts[i]), "%s%u.example",
		    i % 3 == 0 ? "*.h" : "h", i);
		items[i] = texts[i];
	}
	assert_int_equal(hosts_init(&hosts, &site, 1), 0);
	assert_int_equal(hosts.nnames, MANY);
	for (unsigned i = 0; i < MANY; i++) {
		const struct hosts_name *name;
		char host[32];

		(void)snprintf(host, sizeof(host), "%s%u.example",
		    i % 3 == 0 ? "x.h" : "h", i);
		name = hosts_find(&hosts, span_of(host));
		assert_non_null(name);
		assert_ptr_equal(name->key.ptr, items[i] + (i % 3 == 0));
	}
	assert_null(hosts_find(&hosts, SPAN("h5000.example")));
	hosts_fini(&hosts);
}

static void
test_a_host_of_any_length_and_many_labels_is_harmless(void **state)
{
	char host[600];
	struct hosts hosts;

	(void)state;
	for (size_t i = 0; i < sizeof(host); i++)
		host[i] = i % 2 == 0 ? 'a' : '.';
	assert_int_equal(hosts_init(&hosts, sites, 4), 0);
	for (size_t len = 0; len <= sizeof(host); len++) {
		/* Exactly so long, for the sanitizer to watch. */
		char *copy = malloc(len + 1);

		assert_non_null(copy);
		memcpy(copy, host + sizeof(host) - len, len);
		assert_ptr_equal(
		    hosts_match(&hosts, (struct span){ copy, len }), &sites[0]);
		free(copy);
	}
	hosts_fini(&hosts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_host_chooses_the_site_that_names_it),
		cmocka_unit_test(test_one_site_without_hosts_answers_all),
		cmocka_unit_test(
		    test_where_hosts_are_all_no_other_name_has_a_site),
		cmocka_unit_test(
		    test_of_a_name_that_two_sites_have_the_first_counts),
		cmocka_unit_test(test_without_a_site_no_name_has_one),
		cmocka_unit_test(test_thousands_of_names_are_found),
		cmocka_unit_test(
		    test_a_host_of_any_length_and_many_labels_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
