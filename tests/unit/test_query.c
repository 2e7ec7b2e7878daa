/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/query.h"

#include "rows.h"

#define PARTS 4

static const struct {
	const char *name;
	const char *query;
	const char *parts[2 * PARTS]; /* a name and a value, in turn */
} queries[] = {
	{ "none", "", { NULL } },
	{ "a bare question mark", "?", { "", "" } },
	{ "one", "?a=b", { "a", "b" } },
	{ "several", "?a=b&c=&d", { "a", "b", "c", "", "d", "" } },
	{ "empty ones", "?&a=b&", { "", "", "a", "b", "", "" } },
	{ "an equals sign in a value", "?a=b=c", { "a", "b=c" } },
	{ "no name", "?=b", { "", "b" } },
	{ "a question mark in a value", "?a=?&b", { "a", "?", "b", "" } },
};

static void
check_query(void **state)
{
	const __typeof__(*queries) *row = *state;
	struct span query = span_of(row->query), name, value;

	for (unsigned i = 0; i < PARTS && row->parts[2 * i] != NULL; i++) {
		assert_true(query_take(&query, &name, &value));
		assert_true(span_equal(name, span_of(row->parts[2 * i])));
		assert_true(span_equal(value, span_of(row->parts[2 * i + 1])));
	}
	assert_false(query_take(&query, &name, &value));
}

static void
test_the_first_of_a_name_is_found(void **state)
{
	struct span query = SPAN("?ab=1&a=2&a=3&b");

	(void)state;
	assert_true(span_equal(query_find(query, SPAN("a")), SPAN("2")));
	assert_true(span_equal(query_find(query, SPAN("b")), SPAN("")));
	assert_non_null(query_find(query, SPAN("b")).ptr);
	assert_null(query_find(query, SPAN("c")).ptr);
	assert_null(query_find((struct span){ 0 }, SPAN("a")).ptr);
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, queries, check_query);
	ROWS_TEST(&rows, test_the_first_of_a_name_is_found);
	return rows_run(&rows, "query");
}
