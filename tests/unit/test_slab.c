/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/slab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

const char *__asan_default_options(void);

/* In a build with the sanitizer malloc ends the program unless told so. */
const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static void
test_an_object_comes_back_to_the_next_who_asks(void **state)
{
	struct slab slab;
	void *a, *b;

	(void)state;
	slab_init(&slab, 64, 8);
	a = slab_get(&slab);
	b = slab_get(&slab);
	assert_non_null(a);
	assert_non_null(b);
	assert_ptr_not_equal(a, b);
	assert_int_equal(slab.nlent, 2);
	memset(a, 1, 64);
	memset(b, 2, 64);
	slab_put(&slab, a);
	slab_put(&slab, b);
	assert_int_equal(slab.nlent, 0);
	assert_int_equal(slab.nfree, 2);
	/* Last in, first out. */
	assert_ptr_equal(slab_get(&slab), b);
	assert_ptr_equal(slab_get(&slab), a);
	assert_int_equal(slab.nfree, 0);
	slab_put(&slab, a);
	slab_put(&slab, b);
	slab_fini(&slab);
}

static void
test_no_more_objects_are_kept_than_told(void **state)
{
	struct slab slab;
	void *objects[3];

	(void)state;
	slab_init(&slab, 64, 1);
	for (int i = 0; i < 3; i++)
		objects[i] = slab_get(&slab);
	for (int i = 0; i < 3; i++)
		slab_put(&slab, objects[i]);
	assert_int_equal(slab.nfree, 1);
	slab_fini(&slab);
	assert_int_equal(slab.nfree, 0);
}

static void
test_a_slab_that_keeps_nothing_frees_at_once(void **state)
{
	struct slab slab;

	(void)state;
	slab_init(&slab, 64, 0);
	assert_int_equal(slab_warm(&slab, 10), 0);
	slab_put(&slab, slab_get(&slab));
	assert_int_equal(slab.nfree, 0);
	assert_null(slab.free);
	slab_fini(&slab);
}

static void
test_warming_fills_the_freelist(void **state)
{
	struct slab slab;

	(void)state;
	slab_init(&slab, 64, 4);
	assert_int_equal(slab_warm(&slab, 3), 0);
	assert_int_equal(slab.nfree, 3);
	assert_int_equal(slab_warm(&slab, 2), 0);
	assert_int_equal(slab.nfree, 3);
	assert_int_equal(slab_warm(&slab, 100), 0);
	assert_int_equal(slab.nfree, 4);
	assert_int_equal(slab.nlent, 0);
	slab_fini(&slab);
}

static void
test_what_is_set_aside_is_lent_before_malloc_is_asked(void **state)
{
	struct slab slab;
	char *objects[4];

	(void)state;
	slab_init(&slab, 40, 1);
	slab_reserve(&slab, 3);
	for (int i = 0; i < 4; i++) {
		objects[i] = slab_get(&slab);
		assert_int_equal((uintptr_t)objects[i] % 16, 0);
		memset(objects[i], i, 40);
	}
	assert_ptr_equal(objects[1], objects[0] + 48);
	assert_ptr_equal(objects[2], objects[1] + 48);
	assert_ptr_not_equal(objects[3], objects[2] + 48);
	/* It is kept however little else is: free(3) must not see it. */
	for (int i = 0; i < 4; i++)
		slab_put(&slab, objects[i]);
	assert_int_equal(slab.nfree, 3);
	assert_ptr_equal(slab_get(&slab), objects[2]);
	slab_put(&slab, objects[2]);
	slab_fini(&slab);
	assert_null(slab.arena);
}

static void
test_a_slab_that_keeps_nothing_sets_nothing_aside(void **state)
{
	struct slab slab;

	(void)state;
	slab_init(&slab, 40, 0);
	slab_reserve(&slab, 3);
	assert_null(slab.arena);
	slab_init(&slab, 40, 1);
	slab_reserve(&slab, SIZE_MAX / 100);
	slab_reserve(&slab, SIZE_MAX / 2);
	assert_null(slab.arena);
	slab_put(&slab, slab_get(&slab));
	slab_fini(&slab);
}

static void
test_a_tiny_object_has_room_for_the_freelist(void **state)
{
	struct slab slab;
	char *a, *b;

	(void)state;
	slab_init(&slab, 1, 2);
	a = slab_get(&slab);
	b = slab_get(&slab);
	slab_put(&slab, a);
	slab_put(&slab, b);
	assert_ptr_equal(slab_get(&slab), b);
	assert_ptr_equal(slab_get(&slab), a);
	slab_put(&slab, a);
	slab_put(&slab, b);
	slab_fini(&slab);
}

static void
test_no_memory_is_an_error_and_no_object(void **state)
{
	struct slab slab;

	(void)state;
	/* More than any address space; ptrdiff_t is where malloc ends. */
	slab_init(&slab, (size_t)PTRDIFF_MAX - 4096, 4);
	assert_null(slab_get(&slab));
	assert_int_equal(slab_warm(&slab, 1), -1);
	assert_int_equal(slab.nlent, 0);
	slab_fini(&slab);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_an_object_comes_back_to_the_next_who_asks),
		cmocka_unit_test(test_no_more_objects_are_kept_than_told),
		cmocka_unit_test(test_a_slab_that_keeps_nothing_frees_at_once),
		cmocka_unit_test(test_warming_fills_the_freelist),
		cmocka_unit_test(
		    test_what_is_set_aside_is_lent_before_malloc_is_asked),
		cmocka_unit_test(
		    test_a_slab_that_keeps_nothing_sets_nothing_aside),
		cmocka_unit_test(test_a_tiny_object_has_room_for_the_freelist),
		cmocka_unit_test(test_no_memory_is_an_error_and_no_object),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
