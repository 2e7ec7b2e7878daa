/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/rules.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/glob.h"

#define LEAST "[listen]\naddress = 127.0.0.1:80\n[site]\nroot = /srv\n"

#define ADDITIVE                                                               \
	"[match:*]\nset = A: all\nset = B: all\nerrors = yes\n"                \
	"[match:/assets/*]\npaths = *.woff2\nset = a: assets\n"                \
	"set = C: one;\nset = c:  two\nappend = B: more\n"                     \
	"[match:/assets/bare/*]\nunset = B\n"

/* Loads a configuration that is good. */
static struct conf *
load(const char *sections)
{
	char path[] = "/tmp/tined-rules-XXXXXX";
	struct conf_errors errors = { 0 };
	struct conf *conf;
	FILE *file;
	int fd = mkstemp(path);

	assert_int_not_equal(fd, -1);
	file = fdopen(fd, "w");
	assert_non_null(file);
	(void)fprintf(file, "%s%s", LEAST, sections);
	assert_int_equal(fclose(file), 0);
	conf = conf_load(path, NULL, &errors);
	(void)unlink(path);
	if (conf == NULL)
		fail_msg("%s", errors.lines[0]);
	return conf;
}

/* What an answer gets, into out, which has room for what was promised. */
static void
check(
    const char *sections, const char *path, unsigned when, const char *expected)
{
	struct conf *conf = load(sections);
	struct rules_text text = { 0 };
	struct rules rules;

	assert_int_equal(rules_init(&rules, &conf->sites[0]), 0);
	/* No more than was promised: the sanitizer sees a byte beyond. */
	text.bytes = malloc(conf->sites[0].addition_bytes);
	assert_non_null(text.bytes);
	/* The second time it is there already. */
	for (int i = 0; i < 2; i++) {
		rules_write(
		    &rules, rules_match(&rules, span_of(path)), when, &text);
		assert_int_equal(text.len, strlen(expected));
		assert_memory_equal(text.bytes, expected, text.len);
	}
	free(text.bytes);
	rules_fini(&rules);
	conf_free(&conf);
}

static void
test_a_section_adds_its_fields(void **state)
{
	(void)state;
	check(ADDITIVE, "/x", CONF_WHEN_GOOD, "A: all\r\nB: all\r\n");
}

static void
test_a_later_section_replaces_by_name_and_keeps_the_rest(void **state)
{
	(void)state;
	check(ADDITIVE, "/assets/x", CONF_WHEN_GOOD,
	    "B: all\r\na: assets\r\nC: one; two\r\nB: more\r\n");
}

static void
test_any_glob_of_a_section_will_do(void **state)
{
	(void)state;
	check(ADDITIVE, "/x.woff2", CONF_WHEN_GOOD,
	    "B: all\r\na: assets\r\nC: one; two\r\nB: more\r\n");
}

static void
test_unset_removes_what_earlier_sections_set_or_append(void **state)
{
	(void)state;
	check(ADDITIVE, "/assets/bare/x", CONF_WHEN_GOOD,
	    "a: assets\r\nC: one; two\r\n");
}

static void
test_errors_get_fields_that_are_for_them(void **state)
{
	(void)state;
	check(ADDITIVE, "/x", CONF_WHEN_OTHER, "A: all\r\nB: all\r\n");
	check(ADDITIVE, "/assets/x", CONF_WHEN_OTHER, "B: all\r\n");
}

#define NOSNIFF "X-Content-Type-Options: nosniff\r\n"
#define POLICY  "Content-Security-Policy: frame-ancestors 'self'\r\n"
#define OWN     "Content-Security-Policy: default-src *\r\n"
#define BASIC                                                                  \
	NOSNIFF "Referrer-Policy: strict-origin-when-cross-origin\r\n"         \
		"X-Frame-Options: SAMEORIGIN\r\n"

static void
test_a_preset_is_in_every_answer(void **state)
{
	const char *sections = "[match:*]\nsecurity = basic\n";

	(void)state;
	check(sections, "/x", CONF_WHEN_GOOD, BASIC POLICY);
	check(sections, "/x", CONF_WHEN_OTHER, BASIC POLICY);
}

static void
test_a_set_field_takes_the_place_of_one_of_a_preset(void **state)
{
	const char *same = "[match:*]\nsecurity = basic\n"
			   "set = content-security-policy: default-src *\n";
	const char *before = "[match:*]\n"
			     "set = Content-Security-Policy: default-src *\n"
			     "errors = yes\n"
			     "[match:/x]\nsecurity = basic\n";

	(void)state;
	check(same, "/x", CONF_WHEN_GOOD,
	    BASIC "content-security-policy: default-src *\r\n");
	/* It is not for errors, which must not go without. */
	check(same, "/x", CONF_WHEN_OTHER, BASIC POLICY);
	check(before, "/x", CONF_WHEN_GOOD, OWN BASIC);
	check(before, "/x", CONF_WHEN_OTHER, OWN BASIC);
}

static void
test_a_later_section_replaces_a_preset_whole(void **state)
{
	const char *sections = "[match:*]\nsecurity = strict\n"
			       "[match:/a/*]\nsecurity = basic\n"
			       "[match:/a/b/*]\nset = A: b\n"
			       "[match:/a/b/c/*]\nsecurity = off\n"
			       "[match:/a/d/*]\nunset = X-Frame-Options "
			       "Referrer-Policy\n";

	(void)state;
	check(sections, "/a/x", CONF_WHEN_GOOD, BASIC POLICY);
	check(sections, "/a/b/x", CONF_WHEN_GOOD, BASIC POLICY "A: b\r\n");
	check(sections, "/a/b/c/x", CONF_WHEN_GOOD, "A: b\r\n");
	check(sections, "/a/d/x", CONF_WHEN_GOOD, NOSNIFF POLICY);
	check(sections, "/a/d/x", CONF_WHEN_OTHER, NOSNIFF POLICY);
}

static void
test_what_was_written_for_another_answer_is_not_used(void **state)
{
	struct conf *conf = load(ADDITIVE);
	struct rules_text text = { 0 };
	struct rules rules;

	(void)state;
	assert_int_equal(rules_init(&rules, &conf->sites[0]), 0);
	text.bytes = malloc(conf->sites[0].addition_bytes);
	assert_non_null(text.bytes);
	rules_write(&rules, 1, CONF_WHEN_GOOD, &text);
	assert_int_equal(text.len, strlen("A: all\r\nB: all\r\n"));
	rules_write(&rules, 2, CONF_WHEN_GOOD, &text);
	assert_memory_equal(text.bytes, "a: assets\r\n", 11);
	rules_write(&rules, 2, CONF_WHEN_OTHER, &text);
	assert_int_equal(text.len, 0);
	rules_write(&rules, 0, CONF_WHEN_GOOD, &text);
	assert_int_equal(text.len, 0);
	free(text.bytes);
	rules_fini(&rules);
	conf_free(&conf);
}

/* A glob, and a path that it describes or does not. */
static const struct glob_row {
	const char *glob;
	const char *path;
	bool matches;
} globs[] = {
	{ "*", "/", true },
	{ "/a", "/a", true },
	{ "/a", "/ab", false },
	{ "/a", "/", false },
	{ "/a/*", "/a/", true },
	{ "/a/*", "/a/b/c", true },
	{ "/a/*", "/a", false },
	{ "*.js", "/a.js", true },
	{ "*.js", "/b/.js", true },
	{ "*.js", "/a.jsx", false },
	{ "*.js", "js", false },
	{ "*/", "/", true },
	{ "**", "/a", true },
	{ "*.*", "/a.b", true },
	{ "*.*", "/ab", false },
	{ "/a*b", "/ab", true },
	{ "/a*b", "/axxb", true },
	{ "/a*b", "/axxc", false },
	{ "/?", "/a", true },
	{ "/?", "/ab", false },
	{ "/a?*", "/ab", true },
	{ "*?", "/", true },
	{ "*a?", "/ab", true },
	{ "*a?", "/ba", false },
};

static void
test_a_glob_means_what_it_means_everywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(globs) / sizeof(globs[0]); i++) {
		char sections[64];

		(void)snprintf(sections, sizeof(sections),
		    "[match:/none]\npaths = %s\nset = A: b\n", globs[i].glob);
		check(sections, globs[i].path, CONF_WHEN_GOOD,
		    globs[i].matches ? "A: b\r\n" : "");
		assert_int_equal(
		    glob_match(span_of(globs[i].glob), span_of(globs[i].path)),
		    globs[i].matches);
	}
}

static void
test_no_section_is_no_field(void **state)
{
	static const struct conf_site plain = { 0 };
	struct rules rules;

	(void)state;
	assert_int_equal(rules_init(&rules, &plain), 0);
	assert_int_equal(rules_match(&rules, SPAN("/x")), 0);
	rules_fini(&rules);
}

static void
test_a_field_is_named_by_what_sets_or_unsets_it(void **state)
{
	struct conf *conf = load("[match:/a/*]\nset = Vary: x\nset = Age2: 1\n"
				 "unset = X-Tag\n");
	struct rules rules;
	uint64_t matched;

	(void)state;
	assert_int_equal(rules_init(&rules, &conf->sites[0]), 0);
	matched = rules_match(&rules, SPAN("/a/x"));
	assert_true(rules_name_field(&rules, matched, SPAN("vary")));
	assert_true(rules_name_field(&rules, matched, SPAN("X-TAG")));
	assert_false(rules_name_field(&rules, matched, SPAN("Age")));
	assert_false(rules_name_field(&rules, matched, SPAN("Var2")));
	assert_false(
	    rules_name_field(&rules, matched, SPAN("Vary: x, longer")));
	assert_false(rules_name_field(&rules, 0, SPAN("vary")));
	assert_false(rules_name_field(&rules, 0, SPAN("X-Tag")));
	rules_fini(&rules);
	conf_free(&conf);
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
		cmocka_unit_test(test_a_preset_is_in_every_answer),
		cmocka_unit_test(
		    test_a_set_field_takes_the_place_of_one_of_a_preset),
		cmocka_unit_test(test_a_later_section_replaces_a_preset_whole),
		cmocka_unit_test(
		    test_what_was_written_for_another_answer_is_not_used),
		cmocka_unit_test(test_a_glob_means_what_it_means_everywhere),
		cmocka_unit_test(test_no_section_is_no_field),
		cmocka_unit_test(
		    test_a_field_is_named_by_what_sets_or_unsets_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
