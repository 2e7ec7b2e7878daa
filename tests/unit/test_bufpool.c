/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/bufpool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
test_a_buffer_is_lent_empty_and_writable_to_its_end(void **state)
{
	struct bufpool pool;
	struct buf *buf;

	(void)state;
	bufpool_init(&pool, 1000, 2);
	buf = bufpool_get(&pool);
	assert_non_null(buf);
	assert_int_equal(buf->cap, 1000);
	assert_int_equal(buf->len, 0);
	assert_int_equal(buf->pos, 0);
	memset(buf->data, 'x', buf->cap);
	bufpool_put(&pool, &buf);
	assert_null(buf);
	bufpool_fini(&pool);
}

static void
test_a_used_buffer_is_lent_empty_again(void **state)
{
	struct bufpool pool;
	struct buf *buf, *again;

	(void)state;
	bufpool_init(&pool, 64, 2);
	buf = again = bufpool_get(&pool);
	buf->len = 60;
	buf->pos = 30;
	bufpool_put(&pool, &buf);
	buf = bufpool_get(&pool);
	assert_ptr_equal(buf, again);
	assert_int_equal(buf->cap, 64);
	assert_int_equal(buf->len, 0);
	assert_int_equal(buf->pos, 0);
	bufpool_put(&pool, &buf);
	bufpool_fini(&pool);
}

static void
test_the_pool_knows_how_many_buffers_are_lent(void **state)
{
	struct bufpool pool;
	struct buf *a, *b;

	(void)state;
	bufpool_init(&pool, 64, 2);
	a = bufpool_get(&pool);
	b = bufpool_get(&pool);
	assert_int_equal(pool.slab.nlent, 2);
	bufpool_put(&pool, &a);
	assert_int_equal(pool.slab.nlent, 1);
	bufpool_put(&pool, &b);
	assert_int_equal(pool.slab.nlent, 0);
	bufpool_fini(&pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_buffer_is_lent_empty_and_writable_to_its_end),
		cmocka_unit_test(test_a_used_buffer_is_lent_empty_again),
		cmocka_unit_test(test_the_pool_knows_how_many_buffers_are_lent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
