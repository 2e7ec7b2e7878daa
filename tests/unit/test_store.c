/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Linked with --wrap for calloc and realloc, so that each of them can be made
 * to fail in turn.
 */
#include "conf/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf/conf.h"

/* Allocations until one fails; 0: none does. */
static unsigned fail_countdown;

void *__real_calloc(size_t n, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);

static bool
fails_now(void)
{
	return fail_countdown > 0 && --fail_countdown == 0;
}

void *
__wrap_calloc(size_t n, size_t bytes)
{
	return fails_now() ? NULL : __real_calloc(n, bytes);
}

void *
__wrap_realloc(void *old, size_t bytes)
{
	return fails_now() ? NULL : __real_realloc(old, bytes);
}

static void
test_an_array_keeps_its_items_while_it_grows(void **state)
{
	struct store store = { 0 };
	unsigned *items = NULL;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		items = store_grow(&store, items, i, sizeof(*items));
		assert_non_null(items);
		items[i] = i;
	}
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(items[i], i);
	store_fini(&store);
	assert_null(store.newest);
}

static void
test_a_copy_ends_in_a_nul(void **state)
{
	struct store store = { 0 };

	(void)state;
	assert_string_equal(
	    store_copy(&store, (struct span){ "abcdef", 3 }), "abc");
	assert_string_equal(store_copy(&store, (struct span){ 0 }), "");
	assert_false(store.failed);
	store_fini(&store);
}

static void
test_a_store_remembers_that_memory_ran_out(void **state)
{
	struct store store = { 0 };

	(void)state;
	fail_countdown = 1;
	assert_null(store_alloc(&store, 1));
	assert_true(store.failed);
	assert_non_null(store_alloc(&store, 1));
	assert_true(store.failed);
	store_fini(&store);
	assert_false(store.failed);
}

/* Loads with the n-th allocation failing; true when none did. */
static bool
load_with_failure(const char *path, unsigned n)
{
	struct conf_errors errors = { 0 };
	struct conf *conf;
	bool unharmed;

	fail_countdown = n;
	conf = conf_load(path, NULL, &errors);
	unharmed = fail_countdown > 0;
	fail_countdown = 0;
	assert_true(unharmed == (conf != NULL));
	/* The line is kept back before anything else, by realloc. */
	if (conf == NULL && n > 1) {
		assert_int_equal(errors.nlines, 1);
		assert_string_equal(errors.lines[0], "out of memory");
	}
	conf_free(&conf);
	conf_errors_fini(&errors);
	return unharmed;
}

static void
test_a_load_that_runs_out_of_memory_says_so(void **state)
{
	static const char text[] = "[server]\nuser = www\n"
				   "[listen]\naddress = 80 81 82 83 84\n"
				   "[site]\nroot = /a\n"
				   "[site:b]\nroot = /b\nhosts = b c d e f\n"
				   "[mime]\nx = a/b\ny = a/b\n";
	char path[] = "/tmp/test_store.XXXXXX";
	int fd = mkstemp(path);
	unsigned n = 1;

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	assert_int_equal(close(fd), 0);
	while (!load_with_failure(path, n))
		assert_true(++n < 1000);
	assert_true(n > 50);
	assert_int_equal(unlink(path), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_array_keeps_its_items_while_it_grows),
		cmocka_unit_test(test_a_copy_ends_in_a_nul),
		cmocka_unit_test(test_a_store_remembers_that_memory_ran_out),
		cmocka_unit_test(test_a_load_that_runs_out_of_memory_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
