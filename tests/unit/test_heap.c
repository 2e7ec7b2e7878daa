/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/heap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The compiler may leave out a call whose result it can do without. */
static void *volatile kept;

static void
test_each_kind_of_call_is_counted_once(void **state)
{
	uint64_t calls = 0, bytes = 0;

	(void)state;
	heap_count_into(&calls, &bytes);
	kept = malloc(100);
	free(kept);
	kept = calloc(3, 50);
	kept = realloc(kept, 300);
	free(kept);
	heap_count_stop();
	assert_int_equal(calls, heap_is_counted() ? 3 : 0);
	assert_int_equal(bytes, heap_is_counted() ? 550 : 0);
}

static void
test_calls_of_libraries_are_counted(void **state)
{
	uint64_t calls = 0, bytes = 0;

	(void)state;
	heap_count_into(&calls, &bytes);
	kept = strdup("seven b");
	heap_count_stop();
	free(kept);
	assert_int_equal(calls, heap_is_counted() ? 1 : 0);
	assert_int_equal(bytes, heap_is_counted() ? 8 : 0);
}

static void
test_nothing_is_counted_afterwards(void **state)
{
	uint64_t calls = 0, bytes = 0;

	(void)state;
	heap_count_into(&calls, &bytes);
	heap_count_stop();
	kept = malloc(100);
	free(kept);
	assert_int_equal(calls, 0);
	assert_int_equal(bytes, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_kind_of_call_is_counted_once),
		cmocka_unit_test(test_calls_of_libraries_are_counted),
		cmocka_unit_test(test_nothing_is_counted_afterwards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
