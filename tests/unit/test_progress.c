/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/progress.h"

#include <string.h>

#include "rows.h"

struct row {
	const char *name;
	uint64_t steps; /* of 1000 */
	uint64_t elapsed_ms;
	size_t width;
	const char *want;
};

static const struct row table[] = {
	{ "the beginning", 0, 0, 30, "work [-----------------]   0 %" },
	{ "half", 500, 0, 31, "work [#########---------]  50 %" },
	{ "the end", 1000, 9000, 25, "work [############] 100 %" },
	{ "more than all", 1500, 0, 25, "work [############] 100 %" },
	{ "with a guess", 250, 2000, 40,
	    "work [###------------]  25 %, 6.0 s left" },
	{ "too narrow for a bar", 250, 2000, 20, " 25 %, 6.0 s left" },
	{ "too narrow for all", 250, 2000, 5, " 25 %" },
};

static void
check_row(void **state)
{
	const struct row *row = *state;
	const struct progress progress = { .what = "work", .total = 1000 };
	char out[PROGRESS_BYTES];

	progress_format(
	    out, &progress, row->steps, row->elapsed_ms, row->width);
	assert_true(strlen(out) <= row->width);
	assert_string_equal(out, row->want);
}

/* Whatever it is, it is no wider than it may be. */
static void
test_it_never_is_too_wide(void **state)
{
	const struct progress progress = { .what = "a rather long name of what "
						   "is being done just now",
		.total = UINT64_MAX };
	char out[PROGRESS_BYTES];

	(void)state;
	for (size_t width = 0; width < 400; width++)
		for (uint64_t i = 0; i <= 8; i++) {
			progress_format(out, &progress, UINT64_MAX / 8 * i,
			    i * 100000000, width);
			assert_true(strlen(out) <= width);
		}
}

static void
test_nothing_to_do_is_done(void **state)
{
	const struct progress progress = { .what = "work" };
	char out[PROGRESS_BYTES];

	(void)state;
	progress_format(out, &progress, 0, 0, 25);
	assert_non_null(strstr(out, "100 %"));
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, table, check_row);
	ROWS_TEST(&rows, test_it_never_is_too_wide);
	ROWS_TEST(&rows, test_nothing_to_do_is_done);
	return rows_run(&rows, "progress");
}
