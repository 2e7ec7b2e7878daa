/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/cores.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sched.h>
#include <stdio.h>

#include "os/process.h"

static void
test_a_core_is_a_number_and_a_range_goes_up(void **state)
{
	static const struct {
		const char *word;
		int rc;
		unsigned first, last;
	} rows[] = {
		{ "0", 0, 0, 0 },
		{ "17", 0, 17, 17 },
		{ "2-5", 0, 2, 5 },
		{ "3-3", 0, 3, 3 },
		{ "8191", 0, 8191, 8191 },
		{ "8192", -1, 0, 0 },
		{ "0-8192", -1, 0, 0 },
		{ "5-2", -1, 0, 0 },
		{ "99999999999999999999", -1, 0, 0 },
		{ "", -1, 0, 0 },
		{ "-", -1, 0, 0 },
		{ "1-", -1, 0, 0 },
		{ "-1", -1, 0, 0 },
		{ "1-2-3", -1, 0, 0 },
		{ "+1", -1, 0, 0 },
		{ "0x1", -1, 0, 0 },
		{ "auto", -1, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned first = 0, last = 0;

		if (cores_parse(span_of(rows[i].word), &first, &last) !=
		    rows[i].rc)
			fail_msg("%s", rows[i].word);
		if (rows[i].rc == 0 &&
		    (first != rows[i].first || last != rows[i].last))
			fail_msg("%s: %u to %u", rows[i].word, first, last);
	}
}

/* The core of a slot with these items of server.pin. */
static int
core_of(const char **items, unsigned nitems, unsigned slot)
{
	struct conf conf = { .server.pin = {
				 .items = items, .nitems = nitems } };

	return cores_of_slot(&conf, slot);
}

static void
test_a_list_gives_its_cores_in_turn(void **state)
{
	const char *items[] = { "7", "2-4", "0" };
	const int want[] = { 7, 2, 3, 4, 0, 7, 2 };

	(void)state;
	for (unsigned slot = 0; slot < 7; slot++)
		assert_int_equal(core_of(items, 3, slot), want[slot]);
	assert_int_equal(core_of(items, 1, 200), 7);
}

static void
test_off_leaves_a_worker_where_it_is(void **state)
{
	(void)state;
	assert_int_equal(core_of((const char *[]){ "off" }, 1, 0), -1);
	assert_int_equal(core_of((const char *[]){ "off" }, 1, 5), -1);
}

static void
test_auto_gives_the_cores_that_may_be_used(void **state)
{
	const char *items[] = { "auto" };

	(void)state;
	for (unsigned slot = 0; slot < 300; slot++) {
		int core = core_of(items, 1, slot);

		assert_true(core >= 0 && process_may_use_core((unsigned)core));
		assert_int_equal(core, process_core(slot));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_core_is_a_number_and_a_range_goes_up),
		cmocka_unit_test(test_a_list_gives_its_cores_in_turn),
		cmocka_unit_test(test_off_leaves_a_worker_where_it_is),
		cmocka_unit_test(test_auto_gives_the_cores_that_may_be_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
