/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/access.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#define LINE                                                                   \
	"192.0.2.7 - - [10/Oct/2000:13:55:36 +0000] "                          \
	"\"GET / HTTP/1.1\" 200 42\n"

static const struct address peer = { .family = AF_INET,
	.addr = { 192, 0, 2, 7 } };
static const struct clock when = { .wall_s = 971186136 };

struct fixture {
	FILE *file;
	struct counters counters;
	struct access access;
	char text[65536];
};

static struct conf_access_log
make_conf(void)
{
	struct conf_access_log conf = { .buffer_bytes = 8192, .sample = 1 };
	struct logformat_problem problem;

	assert_int_equal(
	    logformat_compile(&conf.compiled, SPAN("common"), &problem), 0);
	return conf;
}

/* The format stays where the log found it. */
static struct conf_access_log conf;

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	conf = make_conf();
	f->file = tmpfile();
	assert_int_equal(
	    access_init(&f->access, &conf, fileno(f->file), &f->counters), 0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	access_fini(&f->access);
	(void)fclose(f->file);
	free(f);
	return 0;
}

static const char *
written(struct fixture *f)
{
	ssize_t n = pread(fileno(f->file), f->text, sizeof(f->text) - 1, 0);

	assert_int_not_equal(n, -1);
	f->text[n] = '\0';
	return f->text;
}

static void
add(struct access *access, unsigned n)
{
	const struct request request = { .line = SPAN("GET / HTTP/1.1") };
	const struct reply reply = { .response = { .status = 200 } };
	const struct logline_entry entry = { .peer = &peer,
		.client = &peer,
		.request = &request,
		.reply = &reply,
		.body_bytes = 42 };

	while (n-- > 0)
		access_add(access, &entry, &when);
}

static void
test_lines_wait_until_they_are_flushed(void **state)
{
	struct fixture *f = *state;

	add(&f->access, 1);
	assert_string_equal(written(f), "");
	assert_int_equal(f->counters.log_lines, 0);
	assert_int_equal(access_flush(&f->access, 0), 0);
	assert_string_equal(written(f), LINE);
	assert_int_equal(f->counters.log_lines, 1);
	assert_int_equal(access_flush(&f->access, 0), 0);
	assert_int_equal(f->counters.log_lines, 1);
}

static void
test_a_full_buffer_asks_to_be_flushed(void **state)
{
	struct fixture *f = *state;
	unsigned n = 0;

	while (!access_must_flush(&f->access, 0)) {
		add(&f->access, 1);
		n++;
	}
	/* At least as much as the configuration says. */
	assert_true(n * strlen(LINE) >= 8192);
	assert_int_equal(access_flush(&f->access, 0), 0);
	assert_int_equal(f->counters.log_lines, n);
	assert_int_equal(strlen(written(f)), n * strlen(LINE));
}

static void
test_a_full_disk_loses_lines_and_counts_them(void **state)
{
	struct fixture *f = *state;
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	assert_int_not_equal(full, -1);
	access_reopen(&f->access, full, 0);
	add(&f->access, 2);
	assert_int_equal(access_flush(&f->access, 0), -1);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(f->counters.log_dropped, 2);
	assert_int_equal(f->access.nlost, 2);
	assert_int_equal(f->access.lost_error, ENOSPC);
	access_reopen(&f->access, fileno(f->file), 0);
	add(&f->access, 1);
	assert_int_equal(access_flush(&f->access, 0), 0);
	assert_int_equal(f->counters.log_dropped, 2);
	assert_int_equal(f->counters.log_lines, 1);
	assert_string_equal(written(f), LINE);
	assert_int_equal(close(full), 0);
}

static void
test_a_line_cut_by_a_full_disk_ends_before_the_next(void **state)
{
	struct fixture *f = *state;
	struct rlimit old, small;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = (struct rlimit){ .rlim_cur = 20, .rlim_max = old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	add(&f->access, 1);
	assert_int_equal(access_flush(&f->access, 0), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(f->counters.log_dropped, 1);
	add(&f->access, 1);
	assert_int_equal(access_flush(&f->access, 0), 0);
	assert_string_equal(written(f), "192.0.2.7 - - [10/Oc\n" LINE);
}

/* A pipe of one page, with its reader; the log goes there. */
static void
make_pipe(struct fixture *f, int fds[2])
{
	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	assert_int_equal(fcntl(fds[1], F_SETPIPE_SZ, 4096), 4096);
	access_reopen(&f->access, fds[1], 0);
}

static unsigned
read_lines(struct fixture *f, int fd)
{
	ssize_t len = read(fd, f->text, sizeof(f->text) - 1);
	const char *p = f->text;
	unsigned n = 0;

	assert_int_not_equal(len, -1);
	f->text[len] = '\0';
	for (; *p != '\0'; p += strlen(LINE)) {
		assert_memory_equal(p, LINE, strlen(LINE));
		n++;
	}
	return n;
}

static void
test_what_would_have_to_wait_stays_until_it_can_go(void **state)
{
	struct fixture *f = *state;
	unsigned n, got;
	int fds[2];

	make_pipe(f, fds);
	for (n = 0; f->access.len < 6000; n++)
		add(&f->access, 1);
	assert_int_equal(access_flush(&f->access, 100), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(f->counters.log_dropped, 0);
	assert_true(f->access.len > 0);
	/* Not at once again. */
	f->access.each_line = true;
	assert_false(access_must_flush(&f->access, 100));
	assert_true(access_must_flush(&f->access, 200));
	f->access.each_line = false;
	got = read_lines(f, fds[0]);
	assert_int_equal(f->counters.log_lines, got);
	assert_int_equal(access_flush(&f->access, 200), 0);
	got += read_lines(f, fds[0]);
	assert_int_equal(got, n);
	assert_int_equal(f->counters.log_lines, n);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void
test_what_has_no_room_any_more_is_lost(void **state)
{
	struct fixture *f = *state;
	unsigned kept;
	int fds[2];

	make_pipe(f, fds);
	while (f->access.len <= 8192)
		add(&f->access, 1);
	assert_int_equal(access_flush(&f->access, 0), -1);
	while (f->access.len <= 8192)
		add(&f->access, 1);
	kept = (unsigned)f->access.nlines;
	add(&f->access, 7);
	assert_int_equal(f->access.nlines, kept);
	assert_int_equal(f->counters.log_dropped, 7);
	assert_int_equal(f->access.lost_error, EAGAIN);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void
test_what_had_to_wait_goes_to_the_log_that_is_opened_then(void **state)
{
	struct fixture *f = *state;
	unsigned n, got;
	int fds[2];

	make_pipe(f, fds);
	for (n = 0; f->access.len < 6000; n++)
		add(&f->access, 1);
	access_reopen(&f->access, fileno(f->file), 0);
	assert_int_equal(access_flush(&f->access, 0), 0);
	got = read_lines(f, fds[0]);
	assert_int_equal(strlen(written(f)), (size_t)(n - got) * strlen(LINE));
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void
test_what_can_never_go_is_counted_at_the_end(void **state)
{
	struct fixture *f = *state;

	add(&f->access, 3);
	access_drop(&f->access);
	assert_int_equal(f->counters.log_dropped, 3);
	assert_int_equal(access_flush(&f->access, 0), 0);
	assert_string_equal(written(f), "");
}

static void
test_the_filter_leaves_lines_out_and_counts_them(void **state)
{
	struct fixture *f = *state;

	f->access.filter.active = true;
	f->access.filter.sample = 4;
	add(&f->access, 20);
	assert_int_equal(access_flush(&f->access, 0), 0);
	assert_int_equal(f->counters.log_skipped, 15);
	assert_int_equal(f->counters.log_lines, 5);
}

/* As with a worker that drains when the master reopens newer logs. */
static void
test_a_log_that_was_off_stays_off(void **state)
{
	struct fixture *f = *state;
	struct access access;

	assert_int_equal(access_init(&access, &conf, -1, &f->counters), 0);
	assert_false(access_is_on(&access));
	access_reopen(&access, fileno(f->file), 0);
	assert_false(access_is_on(&access));
	access_fini(&access);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_wait_until_they_are_flushed),
		TEST(a_full_buffer_asks_to_be_flushed),
		TEST(a_full_disk_loses_lines_and_counts_them),
		TEST(a_line_cut_by_a_full_disk_ends_before_the_next),
		TEST(what_would_have_to_wait_stays_until_it_can_go),
		TEST(what_has_no_room_any_more_is_lost),
		TEST(what_had_to_wait_goes_to_the_log_that_is_opened_then),
		TEST(what_can_never_go_is_counted_at_the_end),
		TEST(the_filter_leaves_lines_out_and_counts_them),
		TEST(a_log_that_was_off_stays_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
