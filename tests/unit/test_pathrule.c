/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/pathrule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/uri.h"

static const char *
parse(struct pathrule *rule, enum pathrule_kind kind, struct conf_pair *pair,
    struct store *store)
{
	bool in_path;

	return pathrule_parse(rule, kind, pair, &in_path, store);
}

/* What a rule makes of the text of a star and a query. */
static void
check(const char *path, const char *target, const char *text, const char *query,
    const char *expected)
{
	struct conf_pair pair = { .name = path, .value = target };
	struct store store = { 0 };
	struct pathrule rule;
	char out[4096];
	size_t len;
	const char *wrong = parse(&rule, PATHRULE_REDIRECT, &pair, &store);

	if (wrong != NULL)
		fail_msg("%s = %s: %s", path, target, wrong);
	len = pathrule_write_location(
	    &rule, span_of(text), span_of(query), out, sizeof(out));
	if (!span_equal((struct span){ out, len }, span_of(expected)))
		fail_msg("%s = %s: \"%.*s\" is not \"%s\"", path, target,
		    (int)len, out, expected);
	/* It fits exactly, and with a byte less not at all. */
	assert_int_equal(pathrule_write_location(
			     &rule, span_of(text), span_of(query), out, len),
	    len);
	assert_int_equal(pathrule_write_location(&rule, span_of(text),
			     span_of(query), out, len - 1),
	    0);
	store_fini(&store);
}

static void
test_a_location_is_put_together(void **state)
{
	(void)state;
	check("/a", "/b", "", "", "/b");
	check("/a", "/b 302", "", "?x=1", "/b?x=1");
	check("/a", "/b noquery", "", "?x=1", "/b");
	check("/a", "/b?y=2", "", "?x=1", "/b?y=2&x=1");
	check("/a", "/b?y=2", "", "?", "/b?y=2");
	check("/a", "/b?", "", "?x", "/b?x");
	check("/a", "/b?y noquery", "", "?x", "/b?y");
	check("/a", "/b#part", "", "?x", "/b?x#part");
	check("/a", "/b#part", "", "", "/b#part");
	check("/a", "https://h.example", "", "?x", "https://h.example?x");
	check("/a", "http://[::1]:80/", "", "", "http://[::1]:80/");
	check("/a/*", "/b/*", "c/d", "", "/b/c/d");
	check("/a/*", "/b/*", "", "", "/b/");
	check("/a/*", "/b", "c/d", "", "/b");
	check("/a/*.php", "/b/*.html", "c/d", "", "/b/c/d.html");
	check("/a/*", "https://h/*?from=a", "c", "?x", "https://h/c?from=a&x");
	check("/a/*", "/find?q=*&all=1", "c d", "", "/find?q=c%20d&all=1");
	check("/caf%C3%A9", "/th\xc3\xa9", "", "", "/th%C3%A9");
	check("/a", "/x%2Ay", "", "", "/x%2Ay");
}

static void
test_what_a_star_stands_for_is_encoded(void **state)
{
	(void)state;
	check("/a/*", "/b/*", "x y", "", "/b/x%20y");
	check("/a/*", "/b/*", "100%", "", "/b/100%25");
	check("/a/*", "/b/*", "q?x#y", "", "/b/q%3Fx%23y");
	check("/a/*", "/b/*", "\xc3\xbc", "", "/b/%C3%BC");
	check("/a/*", "/b/*", "\xff", "", "/b/%FF");
	check("/a/*", "/b/*", "a\r\nSet-Cookie: x", "",
	    "/b/a%0D%0ASet-Cookie%3A%20x");
	check("/a/*", "/b?q=*", "a+b&c=d#e", "", "/b?q=a%2Bb%26c=d%23e");
}

/* "//host" would be another site (RFC 3986 4.2). */
static void
test_slashes_never_meet(void **state)
{
	(void)state;
	check("/a*", "/*", "/evil.example", "", "/evil.example");
	check("/a*", "/*", "/evil.example/", "?x", "/evil.example/?x");
	check("/a*", "/*/evil.example", "", "", "/evil.example");
	check("/a*", "/*/evil.example", "/", "", "/evil.example");
	check("/a*", "/b/*", "/c", "", "/b/c");
	check("/a*", "https://h/*", "/c", "", "https://h/c");
	check("/a*", "/b?u=*", "//x", "", "/b?u=//x");
}

/* Whatever a client asks for, the Location is one of this site. */
static void
test_no_text_leads_to_another_host(void **state)
{
	static const char *targets[] = { "/*", "/*/x", "/x*", "/*?*2", "/?u=*",
		"/*#f" };
	static const char bytes[] = "/\\.:@?#%\r\n\t a+&=\x7f\xff;,";
	unsigned random = 7;

	(void)state;
	for (size_t t = 0; t < sizeof(targets) / sizeof(targets[0]); t++) {
		struct conf_pair pair = { .name = "/a*", .value = targets[t] };
		struct store store = { 0 };
		struct pathrule rule;

		if (parse(&rule, PATHRULE_REDIRECT, &pair, &store) != NULL) {
			store_fini(&store);
			continue;
		}
		for (unsigned i = 0; i < 20000; i++) {
			char raw[32] = "/a", path[32], out[256];
			struct span text = { 0 };
			size_t len = 2;

			for (unsigned j = 0; j < i % 12; j++) {
				random = random * 1664525 + 1013904223;
				raw[len++] =
				    bytes[(random >> 20) % (sizeof(bytes) - 1)];
			}
			if (uri_decode_path((struct span){ raw, len }, path,
				sizeof(path), &len) != VERDICT_OK ||
			    len < 2)
				continue;
			text = (struct span){ path + 2, len - 2 };
			len = pathrule_write_location(
			    &rule, text, SPAN("?q"), out, sizeof(out));
			assert_true(len > 0);
			assert_true(out[0] == '/');
			assert_true(
			    len == 1 || (out[1] != '/' && out[1] != '\\'));
			for (size_t j = 0; j < len; j++)
				assert_true(out[j] > ' ' && out[j] < 0x7f);
		}
		store_fini(&store);
	}
}

static void
test_a_rewrite_makes_a_path(void **state)
{
	static const struct {
		const char *path, *target, *text, *expected;
	} rows[] = {
		{ "/a", "/b", "", "/b" },
		{ "/a/*", "/b/*", "c d", "/b/c d" },
		{ "/a*", "/b/*", "/c", "/b/c" },
		{ "/a*", "/b/*/index.html", "/", "/b/index.html" },
		{ "/a/*", "/caf%C3%A9/*", "%", "/caf\xc3\xa9/%" },
		{ "/*.php", "/*", "x", "/x" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct conf_pair pair = { .name = rows[i].path,
			.value = rows[i].target };
		struct store store = { 0 };
		struct pathrule rule;
		char out[64];
		size_t len;

		assert_null(parse(&rule, PATHRULE_REWRITE, &pair, &store));
		len = pathrule_write_path(
		    &rule, span_of(rows[i].text), out, sizeof(out));
		assert_int_equal(len, strlen(rows[i].expected));
		assert_string_equal(out, rows[i].expected);
		assert_int_equal(
		    pathrule_write_path(&rule, span_of(rows[i].text), out, len),
		    0);
		store_fini(&store);
	}
}

static void
test_what_could_be_misread_is_refused(void **state)
{
	static const struct {
		enum pathrule_kind kind;
		const char *path, *target, *what;
		bool in_path;
	} rows[] = {
		{ PATHRULE_REDIRECT, "a", "/b", "begin with a slash", true },
		{ PATHRULE_REDIRECT, "/a//b", "/b", "two slashes", true },
		{ PATHRULE_REDIRECT, "/a/../b", "/b", "dot", true },
		{ PATHRULE_REDIRECT, "/.git", "/b", "dot", true },
		{ PATHRULE_REDIRECT, "/a?x", "/b", "more than a path", true },
		{ PATHRULE_REDIRECT, "/*/*", "/b", "more than one", true },
		{ PATHRULE_REDIRECT, "/%2F", "/b", "encoded slash", true },
		{ PATHRULE_REDIRECT, "/%00", "/b", "control", true },
		{ PATHRULE_REDIRECT, "/%5C", "/b", "backslash", true },
		{ PATHRULE_REDIRECT, "/100%", "/b", "percent", true },
		{ PATHRULE_REDIRECT, "/a", "", "empty", false },
		{ PATHRULE_REDIRECT, "/a", "b", "neither a path", false },
		{ PATHRULE_REDIRECT, "/a", "//h/b", "two slashes", false },
		{ PATHRULE_REDIRECT, "/a", "/\\h", "character", false },
		{ PATHRULE_REDIRECT, "/a", "ftp://h/", "neither", false },
		{ PATHRULE_REDIRECT, "/a", "javascript:x", "neither", false },
		{ PATHRULE_REDIRECT, "/a", "https://", "not a host", false },
		{ PATHRULE_REDIRECT, "/a", "https://u@h/", "not a host",
		    false },
		{ PATHRULE_REDIRECT, "/a/*", "https://*", "in the host",
		    false },
		{ PATHRULE_REDIRECT, "/a/*", "https://h*", "in the host",
		    false },
		{ PATHRULE_REDIRECT, "/a/*", "/b#*", "fragment", false },
		{ PATHRULE_REDIRECT, "/a/*", "/*/*", "more than one", false },
		{ PATHRULE_REDIRECT, "/a", "/*", "where the path has none",
		    false },
		{ PATHRULE_REDIRECT, "/a", "/b%", "percent", false },
		{ PATHRULE_REDIRECT, "/a", "/b 304", "neither a status",
		    false },
		{ PATHRULE_REDIRECT, "/a", "/b 200", "neither a status",
		    false },
		{ PATHRULE_REDIRECT, "/a", "/b 301 302", "two statuses",
		    false },
		{ PATHRULE_REDIRECT, "/a", "410 /b", "leads nowhere", false },
		{ PATHRULE_REDIRECT, "/a", "/b 410", "neither a status",
		    false },
		{ PATHRULE_REWRITE, "/a", "/b 301", "text behind", false },
		{ PATHRULE_REWRITE, "/a", "https://h/", "slash", false },
		{ PATHRULE_REWRITE, "/a", "/b?x", "more than a path", false },
		{ PATHRULE_REWRITE, "/a", "/../b", "dot", false },
		{ PATHRULE_REWRITE, "/a*", "/b/.*", "dot", false },
		{ PATHRULE_REWRITE, "/a", "/b*", "where the path has none",
		    false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct conf_pair pair = { .name = rows[i].path,
			.value = rows[i].target };
		struct store store = { 0 };
		struct pathrule rule;
		bool in_path;
		const char *wrong = pathrule_parse(
		    &rule, rows[i].kind, &pair, &in_path, &store);

		if (wrong == NULL || strstr(wrong, rows[i].what) == NULL ||
		    in_path != rows[i].in_path)
			fail_msg("%s = %s: %s", rows[i].path, rows[i].target,
			    wrong == NULL ? "taken" : wrong);
		store_fini(&store);
	}
}

static void
test_what_is_too_long_is_refused(void **state)
{
	char path[2000], target[2000];
	struct conf_pair pair = { .name = path, .value = target };
	struct store store = { 0 };
	struct pathrule rule;

	(void)state;
	memset(path, 'a', sizeof(path));
	memset(target, '\xff', sizeof(target));
	path[0] = target[0] = '/';
	path[1000] = target[1000] = '\0';
	assert_null(parse(&rule, PATHRULE_REDIRECT, &pair, &store));
	assert_int_equal(rule.before.len, 1 + 3 * 999);
	target[1000] = 'a';
	target[1001] = '\0';
	assert_string_equal(
	    parse(&rule, PATHRULE_REDIRECT, &pair, &store), "too long");
	target[1] = path[1000] = 'a';
	target[2] = path[1001] = '\0';
	assert_string_equal(
	    parse(&rule, PATHRULE_REDIRECT, &pair, &store), "too long");
	store_fini(&store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_location_is_put_together),
		cmocka_unit_test(test_what_a_star_stands_for_is_encoded),
		cmocka_unit_test(test_slashes_never_meet),
		cmocka_unit_test(test_no_text_leads_to_another_host),
		cmocka_unit_test(test_a_rewrite_makes_a_path),
		cmocka_unit_test(test_what_could_be_misread_is_refused),
		cmocka_unit_test(test_what_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
