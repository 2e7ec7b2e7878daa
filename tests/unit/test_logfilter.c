/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/logfilter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf/logskip.h"
#include "rows.h"

struct parse_row {
	const char *name;
	const char *word;
	enum logskip_kind kind;
	unsigned number;
};

static const struct parse_row parse_table[] = {
	{ "a status", "304", LOGSKIP_STATUS, 304 },
	{ "the least status", "200", LOGSKIP_STATUS, 200 },
	{ "the greatest status", "599", LOGSKIP_STATUS, 599 },
	{ "a class", "4xx", LOGSKIP_CLASS, 4 },
	{ "health", "health", LOGSKIP_HEALTH, 0 },
	{ "a path", "/a", LOGSKIP_GLOB, 0 },
	{ "a pattern without a slash before it", "*.css", LOGSKIP_GLOB, 0 },
	{ "a class in capitals", "4XX", LOGSKIP_NONE, 0 },
	{ "no class of answers", "1xx", LOGSKIP_NONE, 0 },
	{ "no status", "199", LOGSKIP_NONE, 0 },
	{ "no status either", "600", LOGSKIP_NONE, 0 },
	{ "half a class", "40x", LOGSKIP_NONE, 0 },
	{ "four digits", "2000", LOGSKIP_NONE, 0 },
	{ "two digits", "20", LOGSKIP_NONE, 0 },
	{ "a relative path", "assets/*", LOGSKIP_NONE, 0 },
	{ "nothing", "", LOGSKIP_NONE, 0 },
};

static void
check_parse_row(void **state)
{
	const struct parse_row *row = *state;
	unsigned number;

	assert_int_equal(logskip_parse(span_of(row->word), &number), row->kind);
	if (row->kind == LOGSKIP_STATUS || row->kind == LOGSKIP_CLASS)
		assert_int_equal(number, row->number);
}

struct skip_row {
	const char *name;
	const char *word;
	int status;
	const char *path; /* decoded */
	bool wanted;
};

static const struct skip_row skip_table[] = {
	{ "its status", "304", 304, "/a", false },
	{ "another status", "304", 200, "/a", true },
	{ "its class", "2xx", 206, "/a", false },
	{ "the end of its class", "2xx", 299, "/a", false },
	{ "another class", "2xx", 304, "/a", true },
	{ "errors too, when named", "5xx", 503, "/a", false },
	{ "its path", "/assets/*", 200, "/assets/a.css", false },
	{ "its path, whatever came of it", "/assets/*", 500, "/assets/a",
	    false },
	{ "another path", "/assets/*", 200, "/a", true },
	{ "a name with a space", "/a?b", 200, "/a b", false },
	{ "health", "health", 200, "/healthz", false },
	{ "readiness", "health", 503, "/readyz", false },
	{ "what is longer than health", "health", 200, "/healthz/a", true },
	{ "a status beyond all", "2xx", 999, "/a", true },
};

static void
check_skip_row(void **state)
{
	const struct skip_row *row = *state;
	const char *words[] = { "451", row->word };
	const struct conf_access_log conf = {
		.skip = { .items = words, .nitems = 2 },
		.sample = 1,
	};
	struct logfilter filter;

	assert_int_equal(logfilter_init(&filter, &conf), 0);
	assert_int_equal(!logfilter_skips_path(&filter, span_of(row->path)) &&
			     logfilter_wants(&filter, row->status, 0),
	    row->wanted);
	logfilter_fini(&filter);
}

static void
test_nothing_is_left_out_by_default(void **state)
{
	const struct conf_access_log conf = { .sample = 1 };
	struct logfilter filter;

	(void)state;
	assert_int_equal(logfilter_init(&filter, &conf), 0);
	for (int i = 0; i < 100; i++)
		assert_true(logfilter_wants(&filter, 200, 0));
	logfilter_fini(&filter);
}

static void
test_one_of_so_many_and_every_error_of_the_server(void **state)
{
	const struct conf_access_log conf = { .sample = 10 };
	struct logfilter filter;
	unsigned n = 0;

	(void)state;
	assert_int_equal(logfilter_init(&filter, &conf), 0);
	for (int i = 0; i < 100; i++) {
		n += logfilter_wants(&filter, 404, 0);
		assert_true(logfilter_wants(&filter, 500, 0));
	}
	assert_int_equal(n, 10);
	logfilter_fini(&filter);
}

static void
test_only_what_is_slow_and_every_error_of_the_server(void **state)
{
	const struct conf_access_log conf = { .sample = 1, .slow_ms = 20 };
	struct logfilter filter;

	(void)state;
	assert_int_equal(logfilter_init(&filter, &conf), 0);
	assert_false(logfilter_wants(&filter, 200, 19999));
	assert_true(logfilter_wants(&filter, 200, 20000));
	assert_true(logfilter_wants(&filter, 503, 1));
	logfilter_fini(&filter);
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, parse_table, check_parse_row);
	ROWS_ADD(&rows, skip_table, check_skip_row);
	ROWS_TEST(&rows, test_nothing_is_left_out_by_default);
	ROWS_TEST(&rows, test_one_of_so_many_and_every_error_of_the_server);
	ROWS_TEST(&rows, test_only_what_is_slow_and_every_error_of_the_server);
	return rows_run(&rows, "logfilter");
}
