/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void
test_a_stream_that_took_all_closes(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	(void)state;
	assert_non_null(stream);
	(void)fputs("all of it", stream);
	assert_int_equal(stream_close(stream, &text), 0);
	assert_string_equal(text, "all of it");
	free(text);
}

static void
test_an_empty_stream_has_a_text_too(void **state)
{
	char *text = NULL;
	size_t len = 1;
	FILE *stream = open_memstream(&text, &len);

	(void)state;
	assert_non_null(stream);
	assert_int_equal(stream_close(stream, &text), 0);
	assert_non_null(text);
	assert_int_equal(len, 0);
	free(text);
}

static void
test_a_stream_that_lost_something_does_not(void **state)
{
	char some[] = "text", *text = some;
	FILE *stream = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(stream);
	(void)fputs("lost", stream);
	assert_int_equal(stream_close(stream, &text), -1);

	/* Also when that was long ago, or a close had no room. */
	stream = fopen("/dev/full", "w");
	assert_non_null(stream);
	(void)fputs("lost", stream);
	(void)fflush(stream);
	assert_int_equal(stream_close(stream, &text), -1);
	text = NULL;
	stream = fopen("/dev/null", "w");
	assert_non_null(stream);
	assert_int_equal(stream_close(stream, &text), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_stream_that_took_all_closes),
		cmocka_unit_test(test_an_empty_stream_has_a_text_too),
		cmocka_unit_test(test_a_stream_that_lost_something_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
