/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define LIST(...)                                                              \
	{                                                                      \
		.items = (const char *[]){ __VA_ARGS__ },                      \
		.nitems = sizeof((const char *[]){ __VA_ARGS__ }) /            \
			  sizeof(const char *),                                \
	}

static const struct conf_match everything = {
	.glob = "*",
	.set = LIST("A: all", "B: all"),
	.errors = true,
};
static const struct conf_match assets = {
	.glob = "/assets/*",
	.paths = LIST("*.woff2"),
	.set = LIST("a: assets", "C: one;", "c:  two"),
	.append = LIST("B: more"),
};
static const struct conf_match bare = {
	.glob = "/assets/bare/*",
	.unset = LIST("B"),
};
static const struct conf_match *matches[] = { &everything, &assets, &bare };
static const struct conf_site conf = { .matches = matches, .nmatches = 3 };

static void
check(const char *path, bool error, const char *expected)
{
	struct rules rules;
	char *out;
	size_t len;

	assert_int_equal(rules_init(&rules, &conf), 0);
	/* No more than was promised: the sanitizer sees a byte beyond. */
	out = malloc(rules.bytes);
	assert_non_null(out);
	len =
	    rules_write(&rules, rules_match(&rules, span_of(path)), error, out);
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(out, expected, len);
	free(out);
	rules_fini(&rules);
}

static void
test_a_section_adds_its_fields(void **state)
{
	(void)state;
	check("/x", false, "A: all\r\nB: all\r\n");
}

static void
test_a_later_section_replaces_by_name_and_keeps_the_rest(void **state)
{
	(void)state;
	check("/assets/x", false,
	    "B: all\r\na: assets\r\nC: one; two\r\nB: more\r\n");
}

static void
test_any_glob_of_a_section_will_do(void **state)
{
	(void)state;
	check("/x.woff2", false,
	    "B: all\r\na: assets\r\nC: one; two\r\nB: more\r\n");
}

static void
test_unset_removes_what_earlier_sections_set_or_append(void **state)
{
	(void)state;
	check("/assets/bare/x", false, "a: assets\r\nC: one; two\r\n");
}

static void
test_errors_get_fields_that_are_for_them(void **state)
{
	(void)state;
	check("/x", true, "A: all\r\nB: all\r\n");
	check("/assets/x", true, "B: all\r\n");
}

static void
test_no_section_is_no_field(void **state)
{
	static const struct conf_site plain = { 0 };
	struct rules rules;

	(void)state;
	assert_int_equal(rules_init(&rules, &plain), 0);
	assert_int_equal(rules_match(&rules, SPAN("/x")), 0);
	assert_int_equal(rules.bytes, 0);
	rules_fini(&rules);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_section_adds_its_fields),
		cmocka_unit_test(
		    test_a_later_section_replaces_by_name_and_keeps_the_rest),
		cmocka_unit_test(test_any_glob_of_a_section_will_do),
		cmocka_unit_test(
		    test_unset_removes_what_earlier_sections_set_or_append),
		cmocka_unit_test(test_errors_get_fields_that_are_for_them),
		cmocka_unit_test(test_no_section_is_no_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
