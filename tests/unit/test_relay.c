/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/relay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"

static struct relay relay;
static struct outcome outcome;
static int write_fd; /* the program's end */

static int
setup(void **state)
{
	int fds[2];

	(void)state;
	outcome_clear(&outcome);
	log_set_fd(-1); /* what it says is in outcome as well */
	if (pipe(fds) == -1)
		return -1;
	relay_open(&relay, fds[0]);
	write_fd = fds[1];
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	relay_close(&relay, &outcome);
	log_set_fd(STDERR_FILENO);
	return write_fd == -1 ? 0 : close(write_fd);
}

static void
say(const char *text)
{
	size_t len = strlen(text);

	assert_int_equal(write(write_fd, text, len), (ssize_t)len);
}

static void
hang_up(void)
{
	assert_int_equal(close(write_fd), 0);
	write_fd = -1;
}

static void
test_lines_are_said_when_they_are_whole(void **state)
{
	(void)state;
	relay_read(&relay, &outcome);
	assert_string_equal(outcome.text, "");
	say("one\ntw");
	relay_read(&relay, &outcome);
	assert_string_equal(outcome.text, "the new program: one\n");
	say("o\n");
	relay_read(&relay, &outcome);
	assert_string_equal(
	    outcome.text, "the new program: one\nthe new program: two\n");
	assert_int_not_equal(relay.fd, -1);
}

static void
test_the_last_line_needs_no_newline(void **state)
{
	(void)state;
	say("no such library");
	hang_up();
	relay_read(&relay, &outcome);
	assert_string_equal(outcome.text, "the new program: no such library\n");
	assert_int_equal(relay.fd, -1);
}

static void
test_a_line_that_is_too_long_is_cut(void **state)
{
	char text[3 * sizeof(relay.line)];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	say(text);
	say("\nnext\n");
	relay_read(&relay, &outcome);
	assert_int_equal(relay.nlines, 2);
	assert_non_null(strstr(outcome.text, "\nthe new program: next\n"));
}

static void
test_who_never_stops_is_cut_short(void **state)
{
	(void)state;
	for (int i = 0; i < 2 * RELAY_LINES; i++) {
		say("no good\n");
		relay_read(&relay, &outcome);
	}
	assert_non_null(strstr(outcome.text, "says more, which is left out"));
	assert_int_equal(relay.nlines, RELAY_LINES + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_lines_are_said_when_they_are_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_the_last_line_needs_no_newline, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_line_that_is_too_long_is_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_who_never_stops_is_cut_short, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
