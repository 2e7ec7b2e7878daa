/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/multipart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct multipart multipart = {
	.boundary = { "BOUNDARY", 8 },
	.type = { "text/plain", 10 },
	.total = 1000,
};
static const struct range ranges[] = { { 0, 9 }, { 995, 999 } };

static void
test_body_is_framed_as_rfc_9110_14_6_says(void **state)
{
	struct bufpool pool;
	struct buf *buf;

	(void)state;
	bufpool_init(&pool, 1024, 0);
	buf = bufpool_get(&pool);
	for (unsigned at = 0; at <= 2; at++) {
		assert_int_equal(
		    multipart_write(buf, &multipart, ranges, 2, at), 0);
		buf->data[buf->len++] = '*'; /* where a range would be */
	}
	buf->data[--buf->len] = '\0';
	assert_string_equal(buf->data,
	    "--BOUNDARY\r\n"
	    "Content-Type: text/plain\r\n"
	    "Content-Range: bytes 0-9/1000\r\n\r\n*"
	    "\r\n--BOUNDARY\r\n"
	    "Content-Type: text/plain\r\n"
	    "Content-Range: bytes 995-999/1000\r\n\r\n*"
	    "\r\n--BOUNDARY--\r\n");
	/* Two stars stand for 15 bytes. */
	assert_int_equal(
	    multipart_length(&multipart, ranges, 2), buf->len - 2 + 15);
	bufpool_put(&pool, &buf);
	bufpool_fini(&pool);
}

static void
test_text_that_does_not_fit_leaves_the_buffer_alone(void **state)
{
	struct bufpool pool;
	struct buf *buf;

	(void)state;
	bufpool_init(&pool, 64, 0);
	buf = bufpool_get(&pool);
	buf->len = 3;
	assert_int_equal(multipart_write(buf, &multipart, ranges, 2, 0), -1);
	assert_int_equal(buf->len, 3);
	bufpool_put(&pool, &buf);
	bufpool_fini(&pool);
}

static void
test_boundary_is_made_of_allowed_characters(void **state)
{
	char first[MULTIPART_BOUNDARY_LEN], second[MULTIPART_BOUNDARY_LEN];

	(void)state;
	multipart_draw_boundary(first);
	multipart_draw_boundary(second);
	for (size_t i = 0; i < sizeof(first); i++)
		assert_non_null(
		    memchr("0123456789abcdefghijklmnopqrstuv", first[i], 32));
	assert_memory_not_equal(first, second, sizeof(first));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_body_is_framed_as_rfc_9110_14_6_says),
		cmocka_unit_test(
		    test_text_that_does_not_fit_leaves_the_buffer_alone),
		cmocka_unit_test(test_boundary_is_made_of_allowed_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
