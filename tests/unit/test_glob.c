/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/glob.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rows.h"

struct row {
	const char *name;
	const char *pattern;
	const char *text;
	bool match;
};

static const struct row table[] = {
	{ "the same text", "/a.css", "/a.css", true },
	{ "another text", "/a.css", "/b.css", false },
	{ "more text than pattern", "/a", "/ab", false },
	{ "more pattern than text", "/ab", "/a", false },
	{ "case counts", "/A", "/a", false },
	{ "nothing is nothing", "", "", true },
	{ "nothing is not something", "", "/", false },
	{ "a star is anything", "*", "/a/b", true },
	{ "a star is nothing too", "/a*", "/a", true },
	{ "a star passes slashes", "/assets/*", "/assets/a/b.css", true },
	{ "what is before a star counts", "/assets/*", "/asset/a", false },
	{ "what is behind a star counts", "*.css", "/a.css.gz", false },
	{ "a star takes the last one", "*.css", "/a.css.css", true },
	{ "several stars", "/*/x/*.js", "/a/b/x/c/d.js", true },
	{ "several stars in vain", "/*/x/*.js", "/a/b/y/c/d.js", false },
	{ "stars in a row", "/**a**", "/bba", true },
	{ "stars in a row at the end", "/a***", "/a", true },
	{ "a mark is one byte", "/?", "/a", true },
	{ "a mark is not none", "/a?", "/a", false },
	{ "a mark is not two", "/?", "/ab", false },
	{ "a mark behind a star", "*?", "/", true },
	{ "a mark can be a slash", "/a?b", "/a/b", true },
	{ "a star in the text", "/a*b", "/a*b", true },
	{ "brackets mean themselves", "/[ab]", "/a", false },
	{ "a backslash means itself", "/\\*", "/\\x", true },
	{ "bytes above ASCII", "/\xc3?", "/\xc3\xa9", true },
};

static void
check_row(void **state)
{
	const struct row *row = *state;

	assert_int_equal(
	    glob_match(span_of(row->pattern), span_of(row->text)), row->match);
}

/* Each star tried at each place would take longer than anybody waits. */
static void
test_a_pattern_made_to_be_slow_is_not(void **state)
{
	static const char pattern[] = "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b";
	static char text[8192];

	(void)state;
	memset(text, 'a', sizeof(text));
	for (int i = 0; i < 100; i++)
		assert_false(glob_match(
		    SPAN(pattern), (struct span){ text, sizeof(text) }));
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, check_row);
	ROWS_TEST(&rows, test_a_pattern_made_to_be_slow_is_not);
	return rows_run(&rows, "glob");
}
