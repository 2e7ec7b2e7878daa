/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/chunk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CAP (2 * CHUNK_BYTES)

static int
make_buf(void **state)
{
	struct buf *buf = malloc(sizeof(*buf) + CAP);

	if (buf == NULL)
		return -1;
	*buf = (struct buf){ .cap = CAP };
	*state = buf;
	return 0;
}

static int
free_buf(void **state)
{
	free(*state);
	return 0;
}

static void
assert_text(const struct buf *buf, const char *want)
{
	assert_int_equal(buf->len, strlen(want));
	assert_memory_equal(buf->data, want, buf->len);
}

static void
test_a_chunk_has_its_size_before_it(void **state)
{
	struct buf *buf = *state;

	memcpy(chunk_at(buf), "hello", 5);
	chunk_add(buf, 5, false);
	assert_text(buf, "0005\r\nhello\r\n");
	memcpy(chunk_at(buf), "world, all of it", 16);
	chunk_add(buf, 16, true);
	assert_text(
	    buf, "0005\r\nhello\r\n0010\r\nworld, all of it\r\n0\r\n\r\n");
}

static void
test_nothing_is_no_chunk_since_that_would_be_the_end(void **state)
{
	struct buf *buf = *state;

	chunk_add(buf, 0, false);
	assert_text(buf, "");
	chunk_add(buf, 0, true);
	assert_text(buf, "0\r\n\r\n");
}

static void
test_a_chunk_that_fills_the_room_fits(void **state)
{
	struct buf *buf = *state;

	assert_int_equal(chunk_room(buf), CHUNK_BYTES);
	buf->cap = CHUNK_FRAME_BYTES + 3;
	assert_int_equal(chunk_room(buf), 3);
	memcpy(chunk_at(buf), "abc", 3);
	chunk_add(buf, 3, true);
	assert_text(buf, "0003\r\nabc\r\n0\r\n\r\n");
	assert_int_equal(buf->len, buf->cap);
}

static void
test_without_room_for_a_byte_there_is_none(void **state)
{
	struct buf *buf = *state;

	for (buf->cap = 0; buf->cap <= CHUNK_FRAME_BYTES; buf->cap++)
		assert_int_equal(chunk_room(buf), 0);
	buf->len = buf->cap;
	assert_int_equal(chunk_room(buf), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_a_chunk_has_its_size_before_it, make_buf, free_buf),
		cmocka_unit_test_setup_teardown(
		    test_nothing_is_no_chunk_since_that_would_be_the_end,
		    make_buf, free_buf),
		cmocka_unit_test_setup_teardown(
		    test_a_chunk_that_fills_the_room_fits, make_buf, free_buf),
		cmocka_unit_test_setup_teardown(
		    test_without_room_for_a_byte_there_is_none, make_buf,
		    free_buf),
	};

	return cmocka_run_group_tests_name("chunk", tests, NULL, NULL);
}
