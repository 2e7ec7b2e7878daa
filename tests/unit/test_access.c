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

static const struct sock_peer peer = { .family = AF_INET,
	.addr = { 192, 0, 2, 7 } };
static const struct clock when = { .wall_s = 971186136 };

struct fixture {
	FILE *file;
	char text[65536];
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	f->file = tmpfile();
	*state = f;
	return f->file == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

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

static struct access
make_access(struct fixture *f, enum conf_access_format format)
{
	const struct conf_access_log conf = { .format = format,
		.buffer_bytes = 16384 };
	struct access access;

	assert_int_equal(access_init(&access, &conf, fileno(f->file)), 0);
	return access;
}

static void
add(struct access *access, struct request *request)
{
	const struct access_entry entry = { .peer = &peer,
		.request = request,
		.status = 200,
		.body_bytes = 42 };

	(void)access_add(access, &entry, &when);
}

static void
test_common_line(void **state)
{
	struct fixture *f = *state;
	struct access access = make_access(f, CONF_FORMAT_COMMON);
	struct request request = { .line = SPAN("GET / HTTP/1.1") };

	add(&access, &request);
	assert_string_equal(written(f), "");
	assert_int_equal(access_flush(&access), 0);
	assert_string_equal(written(f),
	    "192.0.2.7 - - [10/Oct/2000:13:55:36 +0000] "
	    "\"GET / HTTP/1.1\" 200 42\n");
	access_fini(&access);
}

static void
test_combined_line_escapes_what_clients_send(void **state)
{
	struct fixture *f = *state;
	struct access access = make_access(f, CONF_FORMAT_COMBINED);
	struct request request = { .line = SPAN("GET /\" HTTP/1.1") };

	request.value[FIELD_USER_AGENT] = SPAN("a\\b\n\x1b[31m\xff");
	add(&access, &request);
	access_fini(&access);
	assert_string_equal(written(f),
	    "192.0.2.7 - - [10/Oct/2000:13:55:36 +0000] "
	    "\"GET /\\\" HTTP/1.1\" 200 42 \"-\" "
	    "\"a\\\\b\\x0A\\x1B[31m\\xFF\"\n");
}

static void
test_absent_request_line_is_a_dash(void **state)
{
	struct fixture *f = *state;
	struct access access = make_access(f, CONF_FORMAT_COMMON);
	struct request request = { 0 };

	add(&access, &request);
	access_fini(&access);
	assert_non_null(strstr(written(f), "] \"-\" 200 42\n"));
}

static void
test_only_the_first_line_asks_for_a_flush(void **state)
{
	struct fixture *f = *state;
	struct access access = make_access(f, CONF_FORMAT_COMMON);
	struct request request = { .line = SPAN("GET / HTTP/1.1") };
	const struct access_entry entry = { .peer = &peer,
		.request = &request };

	assert_true(access_add(&access, &entry, &when));
	assert_false(access_add(&access, &entry, &when));
	assert_int_equal(access_flush(&access), 0);
	assert_true(access_add(&access, &entry, &when));
	access_fini(&access);
}

static void
test_full_disk_loses_lines_and_counts_them(void **state)
{
	struct fixture *f = *state;
	struct access access = make_access(f, CONF_FORMAT_COMMON);
	struct request request = { .line = SPAN("GET / HTTP/1.1") };
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	assert_int_not_equal(full, -1);
	access_reopen(&access, full);
	add(&access, &request);
	add(&access, &request);
	assert_int_equal(access_flush(&access), -1);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(access.dropped, 2);
	access_reopen(&access, fileno(f->file));
	add(&access, &request);
	access_fini(&access);
	assert_int_equal(access.dropped, 2);
	assert_non_null(strstr(written(f), "192.0.2.7 - - "));
	assert_int_equal(close(full), 0);
}

/* A write that stops inside a line must not glue the next line to it. */
static void
test_line_cut_by_a_full_disk_ends_before_the_next(void **state)
{
	struct fixture *f = *state;
	struct access access = make_access(f, CONF_FORMAT_COMMON);
	struct request request = { .line = SPAN("GET / HTTP/1.1") };
	struct rlimit old, small;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = (struct rlimit){ .rlim_cur = 20, .rlim_max = old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	add(&access, &request);
	assert_int_equal(access_flush(&access), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(access.dropped, 1);
	add(&access, &request);
	access_fini(&access);
	assert_string_equal(written(f),
	    "192.0.2.7 - - [10/Oc\n"
	    "192.0.2.7 - - [10/Oct/2000:13:55:36 +0000] "
	    "\"GET / HTTP/1.1\" 200 42\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_common_line),
		TEST(test_combined_line_escapes_what_clients_send),
		TEST(test_absent_request_line_is_a_dash),
		TEST(test_only_the_first_line_asks_for_a_flush),
		TEST(test_full_disk_loses_lines_and_counts_them),
		TEST(test_line_cut_by_a_full_disk_ends_before_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
