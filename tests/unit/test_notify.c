/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char dir[] = "/tmp/tined-notify-XXXXXX";
static char path[64];
static int manager_fd;

static int
setup(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/notify", dir);
	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	manager_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	return bind(manager_fd, (struct sockaddr *)&addr, sizeof(addr));
}

static int
teardown(void **state)
{
	(void)state;
	(void)close(manager_fd);
	(void)unlink(path);
	return rmdir(dir);
}

static int
clear_environment(void **state)
{
	(void)state;
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
	return 0;
}

static void
assert_no_variables(void)
{
	assert_null(getenv("NOTIFY_SOCKET"));
	assert_null(getenv("WATCHDOG_USEC"));
	assert_null(getenv("WATCHDOG_PID"));
}

/* What the manager has received; "" when there is nothing. */
static const char *
heard(void)
{
	static char text[NOTIFY_TEXT];
	ssize_t got = recv(manager_fd, text, sizeof(text) - 1, 0);

	text[got > 0 ? got : 0] = '\0';
	return text;
}

static void
test_a_message_arrives_as_it_is(void **state)
{
	struct notify notify;

	(void)state;
	(void)setenv("NOTIFY_SOCKET", path, 1);
	assert_int_equal(notify_open(&notify), 0);
	assert_no_variables();
	assert_int_equal(fcntl(notify.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(notify_send(&notify, "READY=1\nSTATUS=fine\n"), 0);
	assert_string_equal(heard(), "READY=1\nSTATUS=fine\n");
	assert_string_equal(heard(), "");
	notify_close(&notify);
	assert_int_equal(notify.fd, -1);
}

static void
test_without_a_manager_nobody_is_told(void **state)
{
	struct notify notify;

	(void)state;
	assert_int_equal(notify_open(&notify), 0);
	assert_int_equal(notify.fd, -1);
	assert_int_equal(notify_send(&notify, "READY=1\n"), 0);
	assert_int_equal(notify_give(&notify), 0);
	assert_no_variables();
	notify_close(&notify);

	(void)setenv("NOTIFY_SOCKET", "", 1);
	assert_int_equal(notify_open(&notify), 0);
	assert_int_equal(notify.fd, -1);
}

static void
test_an_abstract_name_is_the_address_without_a_nul(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(sa_family_t) + 1 + 5;
	char name[32];
	struct notify notify;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	(void)state;
	(void)snprintf(name, sizeof(name), "@%05d", (int)getpid() % 100000);
	memcpy(addr.sun_path + 1, name + 1, 5);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, len), 0);
	(void)setenv("NOTIFY_SOCKET", name, 1);
	assert_int_equal(notify_open(&notify), 0);
	assert_int_equal(notify_send(&notify, "READY=1\n"), 0);
	assert_int_equal(recv(fd, name, sizeof(name), 0), 8);
	notify_close(&notify);
	(void)close(fd);
}

static void
test_a_socket_that_cannot_be_used_is_an_error_and_nobody_is_told(void **state)
{
	char longest[256];
	struct notify notify;

	(void)state;
	(void)setenv("NOTIFY_SOCKET", "vsock:2:1234", 1);
	(void)setenv("WATCHDOG_USEC", "1000000", 1);
	assert_int_equal(notify_open(&notify), -1);
	assert_int_equal(errno, EAFNOSUPPORT);
	assert_no_variables();
	assert_int_equal(notify.fd, -1);
	assert_int_equal(notify.watchdog_us, 0);
	assert_int_equal(notify_send(&notify, "READY=1\n"), 0);

	memset(longest, 'x', sizeof(longest));
	longest[0] = '/';
	longest[sizeof(longest) - 1] = '\0';
	(void)setenv("NOTIFY_SOCKET", longest, 1);
	assert_int_equal(notify_open(&notify), -1);
	assert_int_equal(errno, ENAMETOOLONG);

	(void)setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1);
	assert_int_equal(notify_open(&notify), 0);
	assert_int_equal(notify_send(&notify, "READY=1\n"), -1);
	assert_int_equal(errno, ENOENT);
	notify_close(&notify);
}

static void
test_a_manager_without_room_is_not_waited_for(void **state)
{
	struct notify notify;
	int rc = 0;

	(void)state;
	(void)setenv("NOTIFY_SOCKET", path, 1);
	assert_int_equal(notify_open(&notify), 0);
	for (int i = 0; i < 10000 && rc == 0; i++)
		rc = notify_send(&notify, "WATCHDOG=1\n");
	assert_int_equal(rc, -1);
	assert_int_equal(errno, EAGAIN);
	while (heard()[0] != '\0')
		;
	assert_int_equal(notify_send(&notify, "READY=1\n"), 0);
	assert_string_equal(heard(), "READY=1\n");
	notify_close(&notify);
}

/* The watchdog of an environment with these values; NULL: not there. */
static uint64_t
watchdog_of(const char *usec, const char *pid)
{
	uint64_t watchdog_us;
	struct notify notify;

	(void)setenv("NOTIFY_SOCKET", path, 1);
	(void)setenv("WATCHDOG_USEC", usec, 1);
	if (pid != NULL)
		(void)setenv("WATCHDOG_PID", pid, 1);
	assert_int_equal(notify_open(&notify), 0);
	assert_no_variables();
	watchdog_us = notify.watchdog_us;
	notify_close(&notify);
	return watchdog_us;
}

static void
test_a_watchdog_counts_when_it_is_for_us_or_for_anybody(void **state)
{
	char pid[32];

	(void)state;
	(void)snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	assert_int_equal(watchdog_of("30000000", NULL), 30000000);
	assert_int_equal(watchdog_of("30000000", pid), 30000000);
	assert_int_equal(watchdog_of("30000000", "1"), 0);
	assert_int_equal(watchdog_of("30000000", "nonsense"), 0);
	assert_int_equal(watchdog_of("soon", NULL), 0);
	assert_int_equal(watchdog_of("", NULL), 0);
	assert_int_equal(watchdog_of("-1", NULL), 0);
}

static void
test_another_program_is_given_what_we_had(void **state)
{
	char pid[32];
	struct notify notify, other;

	(void)state;
	(void)snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	(void)setenv("NOTIFY_SOCKET", path, 1);
	(void)setenv("WATCHDOG_USEC", "5000000", 1);
	assert_int_equal(notify_open(&notify), 0);
	assert_int_equal(notify_give(&notify), 0);
	assert_string_equal(getenv("NOTIFY_SOCKET"), path);
	assert_string_equal(getenv("WATCHDOG_PID"), pid);
	assert_int_equal(notify_open(&other), 0);
	assert_int_equal(other.watchdog_us, 5000000);
	assert_int_equal(notify_send(&other, "READY=1\n"), 0);
	assert_string_equal(heard(), "READY=1\n");
	notify_close(&notify);
	notify_close(&other);

	(void)setenv("NOTIFY_SOCKET", "@some/name", 1);
	assert_int_equal(notify_open(&notify), 0);
	assert_int_equal(notify_give(&notify), 0);
	assert_string_equal(getenv("NOTIFY_SOCKET"), "@some/name");
	assert_null(getenv("WATCHDOG_USEC"));
	notify_close(&notify);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(                                       \
	    name, clear_environment, clear_environment)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_message_arrives_as_it_is),
		TEST(test_without_a_manager_nobody_is_told),
		TEST(test_an_abstract_name_is_the_address_without_a_nul),
		TEST(
		    test_a_socket_that_cannot_be_used_is_an_error_and_nobody_is_told),
		TEST(test_a_manager_without_room_is_not_waited_for),
		TEST(test_a_watchdog_counts_when_it_is_for_us_or_for_anybody),
		TEST(test_another_program_is_given_what_we_had),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
