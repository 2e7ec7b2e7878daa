/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/syslog.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <cmocka.h>

#include "core/log.h"
#include "core/sink.h"

struct fixture {
	char folder[32];
	char path[64];
	int server; /* -1: nobody listens */
};

static int
listen_at(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	assert_int_equal(bind(fd, (const struct sockaddr *)(const void *)&addr,
			     sizeof(addr)),
	    0);
	return fd;
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	(void)snprintf(f->folder, sizeof(f->folder), "/tmp/tined-%s", "XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	(void)snprintf(f->path, sizeof(f->path), "%s/log", f->folder);
	f->server = listen_at(f->path);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	if (f->server != -1)
		(void)close(f->server);
	(void)unlink(f->path);
	(void)rmdir(f->folder);
	free(f);
	return 0;
}

/* The next datagram; "" when there is none. */
static const char *
take(const struct fixture *f)
{
	static char text[8192];
	ssize_t len = recv(f->server, text, sizeof(text) - 1, 0);

	text[len > 0 ? len : 0] = '\0';
	return text;
}

/* Checks what stands before a message, and returns the message. */
static const char *
check_head(const char *text, int priority)
{
	time_t now = time(NULL);
	char want[64];
	struct tm tm;
	int n = 0;

	for (int i = 0; i < 2; i++) {
		char stamp[32];

		assert_non_null(localtime_r(&now, &tm));
		assert_true(
		    strftime(stamp, sizeof(stamp), "%b %e %T", &tm) > 0);
		n = snprintf(want, sizeof(want),
		    "<%d>%s tined[%ld]: ", priority, stamp, (long)getpid());
		if (strncmp(text, want, (size_t)n) == 0)
			return text + n;
		now--; /* a second began meanwhile */
	}
	fail_msg("%s: not %s", text, want);
	return NULL;
}

static void
test_a_line_is_a_datagram_with_a_head(void **state)
{
	struct fixture *f = *state;
	struct syslog syslog;
	int missing, fd = syslog_open(f->path, &missing);

	assert_int_equal(missing, 0);
	syslog_init(&syslog, f->path, SYSLOG_DAEMON);
	assert_int_equal(syslog_send(&syslog, fd, SYSLOG_INFO, "hello", 5), 0);
	assert_string_equal(check_head(take(f), 30), "hello");
	syslog_init(&syslog, f->path, SYSLOG_LOCAL7);
	assert_int_equal(syslog_send(&syslog, fd, SYSLOG_ERROR, "x", 1), 0);
	assert_string_equal(check_head(take(f), 187), "x");
	syslog_init(&syslog, f->path, SYSLOG_USER);
	assert_int_equal(syslog_send(&syslog, fd, SYSLOG_DEBUG, "", 0), 0);
	assert_string_equal(check_head(take(f), 15), "");
	(void)close(fd);
}

static void
test_a_sink_sends_each_line_by_itself(void **state)
{
	struct fixture *f = *state;
	struct sink sink = SINK_INIT(-1);
	int missing, fd = syslog_open(f->path, &missing);

	syslog_init(&sink.syslog, f->path, SYSLOG_LOCAL0);
	sink_set_fd(&sink, fd);
	assert_int_equal(sink.kind, SINK_SYSLOG);
	assert_int_equal(
	    sink_write(&sink, SYSLOG_INFO, "one\ntwo\nthree", 13), 13);
	assert_string_equal(check_head(take(f), 134), "one");
	assert_string_equal(check_head(take(f), 134), "two");
	assert_string_equal(check_head(take(f), 134), "three");
	assert_string_equal(take(f), "");
	(void)close(fd);
}

static void
test_the_error_log_leaves_time_and_process_to_syslogd(void **state)
{
	struct fixture *f = *state;
	int missing, fd = syslog_open(f->path, &missing);

	log_set_syslog(f->path, SYSLOG_DAEMON);
	log_set_fd(fd);
	log_set_name("worker 3");
	log_warn("%s is full", "disk");
	log_error("x");
	log_set_fd(STDERR_FILENO);
	assert_string_equal(
	    check_head(take(f), 28), "warn worker 3: disk is full");
	assert_string_equal(check_head(take(f), 27), "error worker 3: x");
	(void)close(fd);
}

static void
test_a_receiver_that_does_not_keep_up_is_not_waited_for(void **state)
{
	struct fixture *f = *state;
	struct syslog syslog;
	int missing, fd = syslog_open(f->path, &missing), n = 0;

	syslog_init(&syslog, f->path, SYSLOG_DAEMON);
	(void)alarm(20);
	while (n < 100000 &&
	       syslog_send(&syslog, fd, SYSLOG_INFO, "hello", 5) == 0)
		n++;
	(void)alarm(0);
	assert_int_equal(errno, EAGAIN);
	assert_true(n > 0 && n < 100000);
	for (; n > 0; n--)
		assert_string_equal(check_head(take(f), 30), "hello");
	assert_int_equal(syslog_send(&syslog, fd, SYSLOG_INFO, "again", 5), 0);
	assert_string_equal(check_head(take(f), 30), "again");
	(void)close(fd);
}

static void
test_nobody_there_is_no_reason_not_to_open(void **state)
{
	struct fixture *f = *state;
	struct syslog syslog;
	int missing, fd;

	(void)close(f->server);
	(void)unlink(f->path);
	f->server = -1;
	fd = syslog_open(f->path, &missing);
	assert_int_not_equal(fd, -1);
	assert_int_equal(missing, ENOENT);
	syslog_init(&syslog, f->path, SYSLOG_DAEMON);
	assert_int_equal(syslog_send(&syslog, fd, SYSLOG_INFO, "x", 1), -1);
	assert_int_equal(errno, ENOENT);
	/* Within a second nobody looks again. */
	f->server = listen_at(f->path);
	assert_int_equal(syslog_send(&syslog, fd, SYSLOG_INFO, "x", 1), -1);
	assert_int_equal(errno, ENOTCONN);
	assert_non_null(strstr(sink_advice(errno), "syslogd"));
	syslog.tried_us -= 1000000;
	assert_int_equal(syslog_send(&syslog, fd, SYSLOG_INFO, "y", 1), 0);
	assert_string_equal(check_head(take(f), 30), "y");
	(void)close(fd);
}

static void
test_a_receiver_that_was_started_anew_is_found(void **state)
{
	struct fixture *f = *state;
	struct syslog syslog;
	int missing, fd = syslog_open(f->path, &missing);

	syslog_init(&syslog, f->path, SYSLOG_DAEMON);
	assert_int_equal(syslog_send(&syslog, fd, SYSLOG_INFO, "x", 1), 0);
	(void)close(f->server);
	(void)unlink(f->path);
	f->server = listen_at(f->path);
	assert_int_equal(syslog_send(&syslog, fd, SYSLOG_INFO, "y", 1), 0);
	assert_string_equal(check_head(take(f), 30), "y");
	(void)close(fd);
}

static void
test_a_path_that_is_too_long_is_missing(void **state)
{
	char path[200];
	int missing, fd;

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	fd = syslog_open(path, &missing);
	assert_int_equal(missing, ENAMETOOLONG);
	(void)close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_is_a_datagram_with_a_head),
		TEST(a_sink_sends_each_line_by_itself),
		TEST(the_error_log_leaves_time_and_process_to_syslogd),
		TEST(a_receiver_that_does_not_keep_up_is_not_waited_for),
		TEST(nobody_there_is_no_reason_not_to_open),
		TEST(a_receiver_that_was_started_anew_is_found),
		TEST(a_path_that_is_too_long_is_missing),
	};

	/* A zone that is not UTC. */
	assert_int_equal(setenv("TZ", "XYZ-5:30", 1), 0);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
