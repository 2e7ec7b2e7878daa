/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One cmocka test a row of a table, so that each case counts by its name.
 *
 *   static struct rows rows;
 *   ROWS_ADD(&rows, table, check_row);
 *   return rows_run(&rows, "range");
 *
 * A row begins with its name, const char *; check_row finds the row in *state.
 */
#ifndef ROWS_H
#define ROWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ROWS_MAX 400

struct rows {
	struct CMUnitTest tests[ROWS_MAX];
	size_t n;
};

/* Adds a test without a row; its name is a sentence. */
static inline void
rows_add(struct rows *rows, const char *name, CMUnitTestFunction function,
    const void *row)
{
	assert_true(rows->n < ROWS_MAX);
	rows->tests[rows->n++] = (struct CMUnitTest){
		.name = name,
		.test_func = function,
		.initial_state = (void *)(uintptr_t)row,
	};
}

#define ROWS_TEST(rows, function) rows_add(rows, #function, function, NULL)

#define ROWS_ADD(rows, table, function)                                        \
	do {                                                                   \
		for (size_t i_ = 0; i_ < sizeof(table) / sizeof(*(table));     \
		     i_++)                                                     \
			rows_add(                                              \
			    rows, (table)[i_].name, function, &(table)[i_]);   \
	} while (0)

static inline int
rows_run(struct rows *rows, const char *group)
{
	return _cmocka_run_group_tests(group, rows->tests, rows->n, NULL, NULL);
}

/* Fails unless a span holds this text; NULL wants the zero span. */
#define assert_span(span, text)                                                \
	do {                                                                   \
		const char *want_ = (text);                                    \
		if (want_ == NULL) {                                           \
			assert_null((span).ptr);                               \
		} else {                                                       \
			assert_non_null((span).ptr);                           \
			assert_int_equal((span).len, strlen(want_));           \
			assert_memory_equal((span).ptr, want_, (span).len);    \
		}                                                              \
	} while (0)

#endif
