/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/pathmap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define RULES 20000

/* Adds a rule for a path; returns the one that is there already. */
static const struct pathrule *
add(struct pathmap *map, const char *path, struct store *store)
{
	struct pathrule *rule = store_alloc(store, sizeof(*rule));
	struct conf_pair *pair = store_alloc(store, sizeof(*pair));
	bool in_path;

	*pair = (struct conf_pair){ .name = store_copy(store, span_of(path)),
		.value = "410" };
	assert_null(
	    pathrule_parse(rule, PATHRULE_REDIRECT, pair, &in_path, store));
	return pathmap_add(map, rule, store);
}

static void
test_the_most_exact_rule_wins(void **state)
{
	static const char *paths[] = { "/*", "/a/*", "/a/b*", "/a/b",
		"/a/*.php", "/a/*/x.php", "/c", "/%2A" };
	static const struct {
		const char *path, *rule, *text;
	} rows[] = {
		{ "/", "/*", "" },
		{ "/x", "/*", "x" },
		{ "/c", "/c", "" },
		{ "/c/", "/*", "c/" },
		{ "/*", "/%2A", "" },
		{ "/a", "/*", "a" },
		{ "/a/", "/a/*", "" },
		{ "/a/b", "/a/b", "" },
		{ "/a/bc", "/a/b*", "c" },
		{ "/a/b.php", "/a/b*", ".php" },
		{ "/a/c.php", "/a/*.php", "c" },
		{ "/a/c/x.php", "/a/*/x.php", "c" },
		{ "/a/x.php", "/a/*.php", "x" },
		{ "/a/.php", "/a/*.php", "" },
	};
	struct store store = { 0 };
	struct pathmap map;
	struct span text;

	(void)state;
	pathmap_init(&map, 8, &store);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_null(add(&map, paths[i], &store));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct pathrule *rule =
		    pathmap_find(&map, span_of(rows[i].path), &text);

		assert_non_null(rule);
		if (strcmp(rule->pair->name, rows[i].rule) != 0 ||
		    !span_equal(text, span_of(rows[i].text)))
			fail_msg("%s: %s, \"%.*s\"", rows[i].path,
			    rule->pair->name, (int)text.len, text.ptr);
	}
	store_fini(&store);
}

static void
test_the_text_of_a_star_is_never_less_than_nothing(void **state)
{
	struct store store = { 0 };
	struct pathmap map;
	struct span text;

	(void)state;
	pathmap_init(&map, 1, &store);
	assert_null(add(&map, "/aba*aba", &store));
	assert_null(pathmap_find(&map, span_of("/aba"), &text));
	assert_null(pathmap_find(&map, span_of("/ababa"), &text));
	assert_non_null(pathmap_find(&map, span_of("/abaaba"), &text));
	assert_int_equal(text.len, 0);
	store_fini(&store);
}

static void
test_one_path_has_one_rule(void **state)
{
	struct store store = { 0 };
	struct pathmap map;

	(void)state;
	pathmap_init(&map, 6, &store);
	assert_null(add(&map, "/caf%C3%A9", &store));
	assert_string_equal(
	    add(&map, "/caf\xc3\xa9", &store)->pair->name, "/caf%C3%A9");
	assert_null(add(&map, "/a*b", &store));
	assert_null(add(&map, "/a*", &store));
	assert_null(add(&map, "/a", &store));
	assert_non_null(add(&map, "/a*b", &store));
	assert_non_null(add(&map, "/%61*", &store));
	store_fini(&store);
}

static void
test_an_empty_map_has_no_rule(void **state)
{
	struct store store = { 0 };
	struct pathmap map;
	struct span text = SPAN("x");

	(void)state;
	pathmap_init(&map, 0, &store);
	assert_null(pathmap_find(&map, SPAN("/"), &text));
	assert_int_equal(text.len, 0);
	store_fini(&store);
}

static void
test_many_rules_are_all_found(void **state)
{
	struct store store = { 0 };
	struct pathmap map;
	struct span text;
	char path[32];

	(void)state;
	pathmap_init(&map, RULES, &store);
	for (unsigned i = 0; i < RULES; i++) {
		(void)snprintf(path, sizeof(path), i % 2 ? "/%u" : "/%u/*", i);
		assert_null(add(&map, path, &store));
	}
	for (unsigned i = 0; i < RULES; i++) {
		(void)snprintf(path, sizeof(path), i % 2 ? "/%u" : "/%u/x", i);
		assert_non_null(pathmap_find(&map, span_of(path), &text));
	}
	assert_null(pathmap_find(&map, span_of("/x"), &text));
	/* As many looks as lengths. */
	assert_int_equal(map.nlens, 5);
	store_fini(&store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_most_exact_rule_wins),
		cmocka_unit_test(
		    test_the_text_of_a_star_is_never_less_than_nothing),
		cmocka_unit_test(test_one_path_has_one_rule),
		cmocka_unit_test(test_an_empty_map_has_no_rule),
		cmocka_unit_test(test_many_rules_are_all_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
