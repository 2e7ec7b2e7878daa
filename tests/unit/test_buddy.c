/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/buddy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
test_all_of_the_arena_can_be_had(void **state)
{
	struct buddy buddy;
	void *blocks[64];

	(void)state;
	assert_int_equal(buddy_init(&buddy, 16384), 0);
	for (int i = 0; i < 64; i++) {
		blocks[i] = buddy_get(&buddy, 256);
		assert_non_null(blocks[i]);
	}
	assert_null(buddy_get(&buddy, 1));
	assert_int_equal(buddy.used_bytes, 16384);
	for (int i = 0; i < 64; i++)
		buddy_put(&buddy, blocks[i], 256);
	buddy_fini(&buddy);
}

static void
test_free_halves_become_one_again(void **state)
{
	struct buddy buddy;
	void *first, *second, *whole;

	(void)state;
	assert_int_equal(buddy_init(&buddy, 8192), 0);
	first = buddy_get(&buddy, 4096);
	second = buddy_get(&buddy, 4096);
	assert_null(buddy_get(&buddy, 8192));
	buddy_put(&buddy, first, 4096);
	assert_null(buddy_get(&buddy, 8192));
	buddy_put(&buddy, second, 4096);
	whole = buddy_get(&buddy, 8192);
	assert_non_null(whole);
	buddy_put(&buddy, whole, 8192);
	buddy_fini(&buddy);
}

static void
test_empty_arena_never_has_room(void **state)
{
	struct buddy buddy;

	(void)state;
	assert_int_equal(buddy_init(&buddy, 0), 0);
	assert_null(buddy_get(&buddy, 1));
	buddy_fini(&buddy);
}

static void
test_more_than_the_largest_block_is_refused(void **state)
{
	struct buddy buddy;

	(void)state;
	assert_int_equal(buddy_init(&buddy, 4096), 0);
	assert_null(buddy_get(&buddy, 4097));
	assert_null(buddy_get(&buddy, (size_t)1 << 40));
	buddy_fini(&buddy);
}

/* An arena that is no power of two, blocks of all sizes, in any order. */
static void
test_blocks_never_overlap(void **state)
{
	struct {
		char *block;
		size_t len;
	} out[200] = { 0 };
	struct buddy buddy;
	unsigned seed = 1;

	(void)state;
	assert_int_equal(buddy_init(&buddy, 300000), 0);
	for (int round = 0; round < 20000; round++) {
		size_t i = (size_t)rand_r(&seed) % 200;
		size_t len = (size_t)rand_r(&seed) % 9000;

		if (out[i].block == NULL) {
			out[i].block = buddy_get(&buddy, len);
			out[i].len = len;
			if (out[i].block != NULL)
				memset(out[i].block, (int)i, len);
			continue;
		}
		for (size_t at = 0; at < out[i].len; at++)
			assert_int_equal((unsigned char)out[i].block[at], i);
		buddy_put(&buddy, out[i].block, out[i].len);
		out[i].block = NULL;
	}
	for (int i = 0; i < 200; i++)
		if (out[i].block != NULL)
			buddy_put(&buddy, out[i].block, out[i].len);
	buddy_fini(&buddy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_of_the_arena_can_be_had),
		cmocka_unit_test(test_free_halves_become_one_again),
		cmocka_unit_test(test_empty_arena_never_has_room),
		cmocka_unit_test(test_more_than_the_largest_block_is_refused),
		cmocka_unit_test(test_blocks_never_overlap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
