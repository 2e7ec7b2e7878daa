/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/ration.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* The log goes into a pipe. */
static int
setup(void **state)
{
	int *fds = calloc(2, sizeof(*fds));

	if (fds == NULL || pipe2(fds, O_NONBLOCK) == -1)
		return -1;
	log_set_fd(fds[1]);
	log_set_level(LOG_LEVEL_DEBUG);
	*state = fds;
	return 0;
}

static int
teardown(void **state)
{
	int *fds = *state;

	log_set_fd(STDERR_FILENO);
	(void)close(fds[0]);
	(void)close(fds[1]);
	free(fds);
	return 0;
}

/* What was logged since the last call. */
static const char *
take(const int *fds)
{
	static char text[8192];
	ssize_t len = read(fds[0], text, sizeof(text) - 1);

	if (len == -1)
		assert_int_equal(errno, EAGAIN);
	text[len > 0 ? len : 0] = '\0';
	return text;
}

static unsigned
take_many(struct ration *ration, enum ration_kind kind, enum log_level level,
    int64_t second, unsigned n)
{
	unsigned taken = 0;

	for (unsigned i = 0; i < n; i++)
		taken += ration_take(ration, kind, level, second);
	return taken;
}

static void
test_a_second_has_room_for_ten_lines_of_each_kind(void **state)
{
	struct ration ration = { 0 };

	for (int kind = 0; kind < RATION_KINDS; kind++)
		assert_int_equal(take_many(&ration, (enum ration_kind)kind,
				     LOG_LEVEL_INFO, 7, 30),
		    RATION_LINES);
	assert_string_equal(take(*state), "");
	assert_int_equal(
	    take_many(&ration, RATION_FILES, LOG_LEVEL_INFO, 8, 4), 4);
}

static void
test_the_next_line_of_a_kind_says_how_many_were_left_out(void **state)
{
	struct ration ration = { 0 };
	const char *text;

	(void)take_many(&ration, RATION_FILES, LOG_LEVEL_WARN, 7, 25);
	(void)take_many(&ration, RATION_REFUSED, LOG_LEVEL_INFO, 7, 11);
	assert_true(ration_take(&ration, RATION_FILES, LOG_LEVEL_WARN, 8));
	text = take(*state);
	assert_non_null(strstr(text, " warn tined["));
	assert_non_null(strstr(text,
	    "15 more lines like these in that second: files that could not "
	    "be served\n"));
	assert_null(strstr(text, "refused"));
}

static void
test_what_is_left_out_is_told_once_when_its_second_is_over(void **state)
{
	struct ration ration = { 0 };

	(void)take_many(&ration, RATION_REFUSED, LOG_LEVEL_INFO, 7, 12);
	(void)take_many(&ration, RATION_CLOSED, LOG_LEVEL_ERROR, 7, 10);
	ration_tell(&ration, 7);
	assert_string_equal(take(*state), "");
	ration_tell(&ration, 8);
	assert_non_null(strstr(take(*state),
	    " 2 more lines like these in that second: refused requests\n"));
	ration_tell(&ration, 9);
	assert_false(ration_take(&ration, RATION_REFUSED, LOG_LEVEL_INFO, 7) &&
		     take_many(&ration, RATION_REFUSED, LOG_LEVEL_INFO, 7, 10) >
			 RATION_LINES);
	assert_string_equal(take(*state), "");
}

static void
test_the_gravest_line_left_out_decides_how_grave_the_sum_is(void **state)
{
	struct ration ration = { 0 };

	(void)take_many(&ration, RATION_ABORTED, LOG_LEVEL_INFO, 7, 15);
	(void)take_many(&ration, RATION_ABORTED, LOG_LEVEL_WARN, 7, 1);
	(void)take_many(&ration, RATION_ABORTED, LOG_LEVEL_INFO, 7, 1);
	ration_tell(&ration, 8);
	assert_non_null(strstr(take(*state), " warn "));
}

static void
test_each_kind_that_was_left_out_has_a_name(void **state)
{
	const int *fds = *state;

	for (int kind = 0; kind < RATION_KINDS; kind++) {
		struct ration ration = { 0 };
		const char *text;

		(void)take_many(&ration, (enum ration_kind)kind, LOG_LEVEL_WARN,
		    1, RATION_LINES + 1);
		ration_tell(&ration, 2);
		text = take(fds);
		assert_non_null(strstr(text, "1 more lines like these"));
		assert_null(strstr(text, "null"));
	}
}

static void
test_what_lasts_is_told_once_a_minute(void **state)
{
	int64_t last_ms = 0;

	(void)state;
	assert_true(ration_is_due(&last_ms, 5));
	assert_false(ration_is_due(&last_ms, 5 + RATION_EVERY_MS - 1));
	assert_true(ration_is_due(&last_ms, 5 + RATION_EVERY_MS));
	assert_false(ration_is_due(&last_ms, 6 + RATION_EVERY_MS));
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_second_has_room_for_ten_lines_of_each_kind),
		TEST(the_next_line_of_a_kind_says_how_many_were_left_out),
		TEST(what_is_left_out_is_told_once_when_its_second_is_over),
		TEST(the_gravest_line_left_out_decides_how_grave_the_sum_is),
		TEST(each_kind_that_was_left_out_has_a_name),
		TEST(what_lasts_is_told_once_a_minute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
