/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/counters.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void
test_counters_begin_at_zero(void **state)
{
	static const struct counters zero;
	struct counters *counters = counters_map(3);

	(void)state;
	assert_non_null(counters);
	for (int i = 0; i < 3; i++)
		assert_memory_equal(&counters[i], &zero, sizeof(zero));
	counters_unmap(&counters, 3);
	assert_null(counters);
}

static void
test_what_a_child_counts_its_parent_sees(void **state)
{
	struct counters *counters = counters_map(2);
	int status;
	pid_t pid;

	(void)state;
	assert_non_null(counters);
	counters[0].requests = 5;
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		counters[1].requests += counters[0].requests + 2;
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(counters[0].requests, 5);
	assert_int_equal(counters[1].requests, 7);
	counters_unmap(&counters, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counters_begin_at_zero),
		cmocka_unit_test(test_what_a_child_counts_its_parent_sees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
