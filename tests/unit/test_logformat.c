/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/logformat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/sink.h"
#include "rows.h"

struct bad_row {
	const char *name;
	const char *text;
	const char *piece;
	const char *what;
	const char *allowed; /* is a part of it */
};

static const struct bad_row bad_table[] = {
	{ "an unknown letter", "%h %Z", "%Z", "no such code", "%h" },
	{ "an unknown letter with a name", "%{a}Z", "%{a}Z", "no such code",
	    "%h" },
	{ "an unknown name", "%{speed}x", "%{speed}x", "no such code",
	    "%{ttfb}x" },
	{ "an unknown unit", "%{min}T", "%{min}T", "no such code", "%{ms}T" },
	{ "a form of time we do not know", "%{%Y}t", "%{%Y}t", "no such code",
	    "%{rfc3339}t" },
	{ "a name where none belongs", "%{a}h", "%{a}h", "no such code", "%h" },
	{ "no name where one belongs", "%x", "%x", "no such code",
	    "%{cache}x" },
	{ "a field without a name", "%i", "%i", "not the name of a field",
	    "%{NAME}i" },
	{ "a field with an empty name", "%{}i", "%{}i",
	    "not the name of a field", "" },
	{ "a field that no request can have", "%{a b}i", "%{a b}i",
	    "not the name of a field", "" },
	{ "a code that ends with the text", "%h %", "%", "no letter", "%%" },
	{ "a name that ends with the text", "%h %{a}", "%{a}", "no letter",
	    "" },
	{ "an open brace", "%h %{Referer i", "%{Referer i", "no }", "" },
	{ "a brace alone", "%{", "%{", "no }", "" },
	{ "the first status, of which there is none", "%<s", "%<",
	    "no such code", "%s" },
	{ "a condition of Apache's", "%!200s", "%!", "no such code", "" },
	{ "an unknown escape", "%h\\n", "\\n", "no such escape", "\\t" },
	{ "an escape that ends with the text", "%h\\", "\\", "no such escape",
	    "" },
	{ "a word", "combine", "combine", "neither a name", "%h" },
	{ "nothing", "", "", "neither a name", "" },
};

static void
check_bad_row(void **state)
{
	const struct bad_row *row = *state;
	struct logformat_problem problem;
	struct logformat format;

	assert_int_equal(
	    logformat_compile(&format, span_of(row->text), &problem), -1);
	assert_span(problem.piece, row->piece);
	assert_ptr_equal(strstr(problem.what, row->what), problem.what);
	assert_non_null(strstr(problem.allowed, row->allowed));
}

static struct logformat
compile(const char *text)
{
	struct logformat_problem problem;
	struct logformat format;

	assert_int_equal(
	    logformat_compile(&format, span_of(text), &problem), 0);
	return format;
}

static void
assert_text(const struct logformat *format, unsigned i, const char *want)
{
	const struct logformat_op *op = &format->ops[i];
	struct span text = { format->text + op->at, op->len };

	assert_true(i < format->nops);
	assert_span(text, want);
}

static void
test_texts_that_touch_are_one_operation(void **state)
{
	struct logformat format = compile("a%l%%\\t\\\"\\\\%l b%h c");

	(void)state;
	assert_int_equal(format.nops, 3);
	assert_int_equal(format.ops[0].code, LOGFORMAT_TEXT);
	assert_text(&format, 0, "a-%\t\"\\- b");
	assert_int_equal(format.ops[1].code, LOGFORMAT_CLIENT);
	assert_text(&format, 2, " c");
}

static void
test_fields_that_the_parser_keeps_are_not_looked_for(void **state)
{
	struct logformat format =
	    compile("%{USER-agent}i%{traceparent}i%{Host}i");

	(void)state;
	assert_int_equal(format.nops, 3);
	assert_int_equal(format.ops[0].code, LOGFORMAT_FIELD);
	assert_int_equal(format.ops[0].field, FIELD_USER_AGENT);
	assert_int_equal(format.ops[1].code, LOGFORMAT_OTHER);
	assert_text(&format, 1, "traceparent");
	assert_text(&format, 2, "Host");
}

static void
test_the_last_status_is_the_status(void **state)
{
	struct logformat format = compile("%>s%s");

	(void)state;
	assert_int_equal(format.nops, 2);
	assert_int_equal(format.ops[0].code, LOGFORMAT_STATUS);
	assert_int_equal(format.ops[1].code, LOGFORMAT_STATUS);
}

static void
test_every_name_compiles_and_only_json_is_json(void **state)
{
	(void)state;
	assert_false(compile("common").json);
	assert_false(compile("combined").json);
	assert_true(compile("json").json);
	assert_false(compile("json %h").json);
}

static void
test_a_format_that_is_too_long_is_refused(void **state)
{
	static char text[4096];
	struct logformat_problem problem;
	struct logformat format;

	(void)state;
	for (size_t i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "%h", 2);
	assert_int_equal(
	    logformat_compile(&format, span_of(text), &problem), -1);
	assert_string_equal(problem.what, "too long");
	memset(text, 'x', sizeof(text) - 4);
	assert_int_equal(
	    logformat_compile(&format, span_of(text), &problem), -1);
	assert_string_equal(problem.what, "too long");
}

/* Whatever is allowed, a line has room for what the client sent. */
static void
test_the_longest_format_leaves_room(void **state)
{
	char text[2 * LOGFORMAT_OPS + 1] = "";

	(void)state;
	for (int i = 0; i < LOGFORMAT_OPS; i++)
		strcat(text, "%h");
	assert_true(compile(text).fixed_bytes < SINK_LINE_BYTES - 500);
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, bad_table, check_bad_row);
	ROWS_TEST(&rows, test_texts_that_touch_are_one_operation);
	ROWS_TEST(&rows, test_fields_that_the_parser_keeps_are_not_looked_for);
	ROWS_TEST(&rows, test_the_last_status_is_the_status);
	ROWS_TEST(&rows, test_every_name_compiles_and_only_json_is_json);
	ROWS_TEST(&rows, test_a_format_that_is_too_long_is_refused);
	ROWS_TEST(&rows, test_the_longest_format_leaves_room);
	return rows_run(&rows, "logformat");
}
