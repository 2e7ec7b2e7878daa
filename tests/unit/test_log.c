/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/log.h"

#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define STAMP_LINE "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z "
#define STAMP      "^" STAMP_LINE

/* The log goes into fds[1], and a copy into fds[3]; both are pipes. */
static int
setup(void **state)
{
	int *fds = calloc(4, sizeof(*fds));

	if (fds == NULL || pipe2(fds, O_NONBLOCK) == -1 ||
	    pipe2(fds + 2, O_NONBLOCK) == -1)
		return -1;
	log_set_fd(fds[1]);
	log_set_level(LOG_LEVEL_NOTICE);
	log_set_name("tined");
	*state = fds;
	return 0;
}

static int
teardown(void **state)
{
	int *fds = *state;

	log_set_fd(STDERR_FILENO);
	log_set_copy(-1);
	for (int i = 0; i < 4; i++)
		assert_int_equal(close(fds[i]), 0);
	free(fds);
	return 0;
}

/* Takes what was written; "" when there is nothing. */
static const char *
take(int fd)
{
	static char text[8192];
	ssize_t len = read(fd, text, sizeof(text) - 1);

	if (len == -1)
		assert_int_equal(errno, EAGAIN);
	text[len > 0 ? len : 0] = '\0';
	return text;
}

static void
assert_matches(const char *text, const char *pattern)
{
	regex_t regex;

	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
	if (regexec(&regex, text, 0, NULL, 0) != 0)
		fail_msg("%s: not %s", text, pattern);
	regfree(&regex);
}

static void
test_a_line_says_when_how_bad_who_and_what(void **state)
{
	int *fds = *state;
	char pattern[256];

	log_warn("%s: %d left", "disk", 7);
	snprintf(pattern, sizeof(pattern),
	    STAMP "warn tined\\[%ld\\]: disk: 7 left\n$", (long)getpid());
	assert_matches(take(fds[0]), pattern);
	log_set_name("worker 3");
	log_notice("x");
	assert_matches(take(fds[0]), STAMP "notice worker 3\\[[0-9]+\\]: x\n$");
	assert_int_equal(log_fd(), fds[1]);
}

static void
test_lines_above_the_level_are_dropped(void **state)
{
	int *fds = *state;

	log_info("no");
	log_debug("no");
	assert_string_equal(take(fds[0]), "");
	log_set_level(LOG_LEVEL_ERROR);
	log_warn("no");
	assert_string_equal(take(fds[0]), "");
	log_error("yes");
	assert_matches(take(fds[0]), " error tined.*: yes\n$");
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug("yes");
	assert_matches(take(fds[0]), " debug tined.*: yes\n$");
	log_info("yes");
	assert_matches(take(fds[0]), " info tined.*: yes\n$");
}

static void
test_a_long_line_is_cut_and_still_ends_in_a_newline(void **state)
{
	int *fds = *state;
	char message[5000];
	const char *line;

	memset(message, 'x', sizeof(message) - 1);
	message[sizeof(message) - 1] = '\0';
	log_error("%s", message);
	line = take(fds[0]);
	assert_int_equal(strlen(line), 2048);
	assert_string_equal(line + 2045, "xx\n");
}

static void
test_a_long_name_is_cut(void **state)
{
	int *fds = *state;

	log_set_name("0123456789012345678901234567890123456789");
	log_error("x");
	assert_matches(
	    take(fds[0]), " error 0123456789012345678901234567890\\[");
}

static void
test_logging_leaves_errno_alone(void **state)
{
	int *fds = *state;

	errno = ENOTTY;
	log_error("x");
	assert_int_equal(errno, ENOTTY);
	(void)take(fds[0]);
	/* Even where nothing can be written. */
	log_set_fd(-1);
	errno = ENOTTY;
	log_error("x");
	assert_int_equal(errno, ENOTTY);
}

static void
test_errors_and_warnings_are_copied(void **state)
{
	int *fds = *state;

	log_set_copy(fds[3]);
	log_notice("not this");
	log_warn("this");
	assert_matches(take(fds[0]), "not this\n.* warn .*: this\n$");
	assert_matches(take(fds[2]), STAMP "warn tined.*: this\n$");
	log_set_copy(-1);
	log_error("no more");
	assert_string_equal(take(fds[2]), "");
}

/* Nobody reads: the log goes on without waiting, and says so later. */
static void
test_lines_that_cannot_be_written_are_counted_and_told(void **state)
{
	int *fds = *state;
	static char text[1 << 20];
	unsigned n = 0;

	while (write(fds[1], "x", 1) == 1)
		continue;
	log_notice("lost");
	log_notice("lost too");
	while (read(fds[0], text, sizeof(text)) > 0)
		continue;
	log_notice("back");
	assert_matches(take(fds[0]),
	    STAMP "warn tined.*: lines of this log that are lost: 2: Resource "
		  "temporarily unavailable; .*\n" STAMP_LINE
		  "notice tined.*: back\n$");
	log_notice("and on");
	assert_matches(take(fds[0]), STAMP "notice tined.*: and on\n$");
	/* One that blocks is not waited for either. */
	assert_int_equal(fcntl(fds[1], F_SETFL, 0), 0);
	log_set_fd(fds[1]);
	(void)alarm(20);
	for (n = 0; n < 10000; n++)
		log_notice("line");
	(void)alarm(0);
	while (read(fds[0], text, sizeof(text)) > 0)
		continue;
	log_notice("back");
	assert_matches(take(fds[0]), "lines of this log that are lost: [0-9]+");
}

static void
test_another_process_has_lost_nothing_yet(void **state)
{
	int *fds = *state;

	log_set_fd(-1);
	log_notice("lost");
	log_set_fd(fds[1]);
	log_set_name("worker 0");
	log_notice("first");
	assert_matches(take(fds[0]), STAMP "notice worker 0.*: first\n$");
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_says_when_how_bad_who_and_what),
		TEST(lines_above_the_level_are_dropped),
		TEST(a_long_line_is_cut_and_still_ends_in_a_newline),
		TEST(a_long_name_is_cut),
		TEST(logging_leaves_errno_alone),
		TEST(errors_and_warnings_are_copied),
		TEST(lines_that_cannot_be_written_are_counted_and_told),
		TEST(another_process_has_lost_nothing_yet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
