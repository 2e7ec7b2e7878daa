/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct report report;
static struct conf_errors errors;

static int
setup(void **state)
{
	(void)state;
	return report_init(&report, &errors);
}

static int
teardown(void **state)
{
	(void)state;
	conf_errors_fini(&errors);
	return 0;
}

static struct conf_origin
place(const char *file, unsigned line)
{
	return (struct conf_origin){ .file = file, .line = line };
}

static void
test_nothing_to_say_leaves_nothing(void **state)
{
	(void)state;
	assert_int_equal(report_fini(&report), 0);
	assert_null(errors.lines);
	assert_null(errors.warnings);
}

static void
test_lines_of_a_file_stand_together_in_order(void **state)
{
	static const char *const expected[] = { "a: 0", "a:2: 2", "a:2: 2b",
		"a:9: 9", "b:1: 1" };

	(void)state;
	report_add(&report, place("a", 9), "9");
	report_add(&report, place("b", 1), "1");
	report_add(&report, place("a", 2), "2");
	report_add(&report, place("a", 0), "0");
	report_add(&report, place("a", 2), "%d%s", 2, "b");
	assert_int_equal(report_fini(&report), -1);
	assert_int_equal(errors.nlines, 5);
	for (unsigned i = 0; i < errors.nlines; i++)
		assert_string_equal(errors.lines[i], expected[i]);
}

static void
test_a_warning_is_no_error(void **state)
{
	(void)state;
	report_warn(&report, place("a", 3), "old");
	assert_int_equal(report_fini(&report), 0);
	assert_int_equal(errors.nlines, 0);
	assert_int_equal(errors.nwarnings, 1);
	assert_string_equal(errors.warnings[0], "a:3: warning: old");
}

static void
test_a_second_report_adds_to_the_first(void **state)
{
	(void)state;
	report_add(&report, place("a", 3), "wrong");
	report_warn(&report, place("a", 3), "old");
	assert_int_equal(report_fini(&report), -1);
	assert_int_equal(report_init(&report, &errors), 0);
	report_warn(&report, place("a", 1), "older");
	assert_int_equal(report_fini(&report), 0);
	assert_int_equal(errors.nlines, 1);
	assert_int_equal(errors.nwarnings, 2);
	assert_string_equal(errors.warnings[1], "a:1: warning: older");
}

static void
test_what_is_not_shown_is_counted(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= REPORT_SHOWN + 7; i++)
		report_warn(&report, place("a", i), "old");
	for (unsigned i = 1; i <= REPORT_SHOWN; i++)
		report_add(&report, place("a", i), "wrong");
	report_no_memory(&report);
	assert_int_equal(report_fini(&report), -1);
	assert_int_equal(errors.nlines, REPORT_SHOWN + 1);
	assert_string_equal(errors.lines[REPORT_SHOWN], "out of memory");
	assert_int_equal(errors.nwarnings, REPORT_SHOWN + 1);
	assert_string_equal(errors.warnings[REPORT_SHOWN],
	    "a: 7 more warnings are not shown; mend the first ones");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_nothing_to_say_leaves_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_lines_of_a_file_stand_together_in_order, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_warning_is_no_error, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_second_report_adds_to_the_first, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_what_is_not_shown_is_counted, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
