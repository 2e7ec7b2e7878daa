/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdint.h>
#include <unistd.h>

#include "core/log.h"

static struct outcome outcome;

static int
setup(void **state)
{
	(void)state;
	outcome_clear(&outcome);
	log_set_fd(-1); /* what it says is in outcome as well */
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	log_set_fd(STDERR_FILENO);
	return 0;
}

static void
assert_line(struct span line, const char *text)
{
	assert_int_equal(line.len, strlen(text));
	assert_memory_equal(line.ptr, text, line.len);
}

static void
test_lines_are_kept_in_order(void **state)
{
	(void)state;
	assert_string_equal(outcome.text, "");
	outcome_warn(&outcome, "%d", 1);
	outcome_error(&outcome, "two");
	assert_string_equal(outcome.text, "1\ntwo\n");
	outcome_clear(&outcome);
	assert_string_equal(outcome.text, "");
}

static void
test_the_reason_is_the_first_error(void **state)
{
	(void)state;
	assert_line(outcome_reason(&outcome), "");
	outcome_warn(&outcome, "a warning");
	assert_line(outcome_reason(&outcome), "a warning");
	outcome_warn(&outcome, "another");
	outcome_error(&outcome, "an error");
	outcome_error(&outcome, "what follows from it");
	assert_line(outcome_first(&outcome), "a warning");
	assert_line(outcome_reason(&outcome), "an error");
	outcome_clear(&outcome);
	outcome_warn(&outcome, "new");
	assert_line(outcome_reason(&outcome), "new");
}

static void
test_what_does_not_fit_is_left_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(outcome.text) / 7; i++)
		outcome_warn(&outcome, "a line");
	assert_in_range(
	    outcome.len, sizeof(outcome.text) - 7, sizeof(outcome.text) - 1);
	assert_int_equal(strlen(outcome.text), outcome.len);
	outcome_error(&outcome, "an error that is too late");
	assert_line(outcome_reason(&outcome), "a line");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_lines_are_kept_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_the_reason_is_the_first_error, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_what_does_not_fit_is_left_out, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
