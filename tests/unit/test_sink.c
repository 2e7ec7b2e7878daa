/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/sink.h"

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
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* Lines as long as they may be, and one that is longer. */
static char lines[4 * SINK_LINE_BYTES];

static struct sink
make_sink(int fd)
{
	struct sink sink = SINK_INIT(-1);

	sink_set_fd(&sink, fd);
	return sink;
}

static size_t
write_text(struct sink *sink, const char *text)
{
	return sink_write(sink, SYSLOG_INFO, text, strlen(text));
}

/* Takes all that is in a pipe or socket. */
static size_t
drain(int fd, char *out, size_t cap)
{
	size_t len = 0;
	ssize_t n;

	while (len < cap && (n = read(fd, out + len, cap - len)) > 0)
		len += (size_t)n;
	return len;
}

static void
fill_lines(size_t line_bytes)
{
	for (size_t i = 0; i < sizeof(lines); i++)
		lines[i] = i % line_bytes == line_bytes - 1 ? '\n' : 'x';
}

static void
test_a_file_gets_all_lines_at_once(void **state)
{
	FILE *file = tmpfile();
	struct sink sink = make_sink(fileno(file));

	(void)state;
	fill_lines(100);
	assert_int_equal(sink.kind, SINK_FILE);
	assert_int_equal(
	    sink_write(&sink, SYSLOG_INFO, lines, 40 * 100), 40 * 100);
	assert_int_equal(lseek(sink.fd, 0, SEEK_END), 40 * 100);
	assert_int_equal(fclose(file), 0);
}

/* Fills a pipe until it would wait, with flags for its end for writing. */
static void
check_full_pipe(int flags)
{
	static char out[1 << 20];
	struct sink sink;
	size_t done = 0, n;
	int fds[2];

	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	assert_int_equal(fcntl(fds[1], F_SETFL, flags), 0);
	fill_lines(100);
	sink = make_sink(fds[1]);
	assert_int_equal(sink.kind, SINK_STREAM);
	assert_int_equal(sink.may_wait, flags == 0);
	/* Not as many bytes as fit into a page: some room is left over. */
	do {
		n = sink_write(&sink, SYSLOG_INFO, lines, 70 * 100);
		assert_int_equal(n % 100, 0);
		done += n;
	} while (n == 70 * 100);
	assert_int_equal(errno, EAGAIN);
	assert_true(done > 32768);
	assert_false(sink.broken);
	while ((n = sink_write(&sink, SYSLOG_INFO, lines, 100)) == 100)
		done += n;
	assert_int_equal(n, 0);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(drain(fds[0], out, sizeof(out)), done);
	for (size_t i = 0; i < done; i++)
		assert_int_equal(out[i], lines[i % 100]);
	/* And it goes on. */
	assert_int_equal(write_text(&sink, "next\n"), 5);
	assert_int_equal(drain(fds[0], out, sizeof(out)), 5);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void
test_a_full_pipe_takes_whole_lines_only(void **state)
{
	(void)state;
	check_full_pipe(O_NONBLOCK);
}

static void
test_a_full_pipe_that_blocks_is_never_waited_for(void **state)
{
	(void)state;
	(void)alarm(20);
	check_full_pipe(0);
	(void)alarm(0);
}

static void
test_a_socket_that_blocks_is_never_waited_for(void **state)
{
	static char out[1 << 22];
	struct sink sink;
	size_t done = 0, n;
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	fill_lines(100);
	sink = make_sink(fds[1]);
	assert_int_equal(sink.kind, SINK_SOCKET);
	(void)alarm(20);
	do {
		n = sink_write(&sink, SYSLOG_INFO, lines, 70 * 100);
		done += n;
	} while (n == 70 * 100);
	(void)alarm(0);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(done % 100, 0);
	assert_int_equal(drain(fds[0], out, sizeof(out)), done);
	(void)close(fds[0]);
	assert_int_equal(write_text(&sink, "x\n"), 0);
	assert_int_equal(errno, EPIPE);
	(void)close(fds[1]);
}

static void
test_a_reader_that_is_gone_is_told(void **state)
{
	struct sink sink;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	(void)close(fds[0]);
	sink = make_sink(fds[1]);
	assert_int_equal(write_text(&sink, "x\n"), 0);
	assert_int_equal(errno, EPIPE);
	assert_non_null(strstr(sink_advice(errno), "reader"));
	(void)close(fds[1]);
}

static void
test_a_full_disk_is_told(void **state)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct sink sink = make_sink(fd);

	(void)state;
	assert_int_equal(write_text(&sink, "x\n"), 0);
	assert_int_equal(errno, ENOSPC);
	assert_non_null(strstr(sink_advice(errno), "room"));
	assert_false(sink.broken);
	(void)close(fd);
}

static void
test_a_descriptor_that_is_closed_is_told(void **state)
{
	int fd = dup(STDERR_FILENO);
	struct sink sink;

	(void)state;
	(void)close(fd);
	sink = make_sink(fd);
	assert_int_equal(write_text(&sink, "x\n"), 0);
	assert_int_equal(errno, EBADF);
	assert_true(strlen(sink_advice(errno)) > 0);
}

/* A write that stops inside a line must not glue the next line to it. */
static void
test_a_line_cut_by_a_full_disk_ends_before_the_next(void **state)
{
	FILE *file = tmpfile();
	struct sink sink = make_sink(fileno(file));
	struct rlimit old, small;
	char out[64] = "";

	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = (struct rlimit){ .rlim_cur = 9, .rlim_max = old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(write_text(&sink, "first\nsecond\nthird\n"), 6);
	assert_int_equal(errno, EFBIG);
	assert_true(sink.broken);
	assert_int_equal(write_text(&sink, "lost\n"), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(write_text(&sink, "fourth\n"), 7);
	assert_int_equal(write_text(&sink, "fifth\n"), 6);
	assert_true(pread(sink.fd, out, sizeof(out) - 1, 0) > 0);
	assert_string_equal(out, "first\nsec\nfourth\nfifth\n");
	assert_int_equal(fclose(file), 0);
}

static void
test_a_new_file_does_not_care_how_the_old_one_ended(void **state)
{
	FILE *file = tmpfile();
	struct sink sink = make_sink(fileno(file));
	char out[8] = "";

	(void)state;
	sink.broken = true;
	sink_set_fd(&sink, fileno(file));
	assert_int_equal(write_text(&sink, "x\n"), 2);
	assert_int_equal(pread(sink.fd, out, sizeof(out) - 1, 0), 2);
	assert_int_equal(fclose(file), 0);
}

/* It cannot go in one piece, and so it goes in several. */
static void
test_a_line_that_is_too_long_for_a_pipe_is_written_all_the_same(void **state)
{
	static char out[4 * SINK_LINE_BYTES];
	struct sink sink;
	int fds[2];

	(void)state;
	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	sink = make_sink(fds[1]);
	fill_lines(3 * SINK_LINE_BYTES);
	assert_int_equal(
	    sink_write(&sink, SYSLOG_INFO, lines, 3 * SINK_LINE_BYTES),
	    3 * SINK_LINE_BYTES);
	assert_int_equal(drain(fds[0], out, sizeof(out)), 3 * SINK_LINE_BYTES);
	assert_memory_equal(out, lines, 3 * SINK_LINE_BYTES);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

/* Where even that does not fit, its end is marked before the next line. */
static void
test_a_line_that_a_pipe_cannot_hold_is_cut_and_ended(void **state)
{
	static char out[4 * SINK_LINE_BYTES];
	struct sink sink;
	int fds[2];
	size_t len;

	(void)state;
	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	assert_int_equal(
	    fcntl(fds[1], F_SETPIPE_SZ, SINK_LINE_BYTES), SINK_LINE_BYTES);
	sink = make_sink(fds[1]);
	fill_lines(3 * SINK_LINE_BYTES);
	assert_int_equal(
	    sink_write(&sink, SYSLOG_INFO, lines, 3 * SINK_LINE_BYTES), 0);
	assert_int_equal(errno, EAGAIN);
	len = drain(fds[0], out, sizeof(out));
	assert_int_equal(write_text(&sink, "next\n"), 5);
	len += drain(fds[0], out + len, sizeof(out) - len);
	assert_memory_equal(out + len - 7, "x\nnext\n", 7);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_file_gets_all_lines_at_once),
		cmocka_unit_test(test_a_full_pipe_takes_whole_lines_only),
		cmocka_unit_test(
		    test_a_full_pipe_that_blocks_is_never_waited_for),
		cmocka_unit_test(test_a_socket_that_blocks_is_never_waited_for),
		cmocka_unit_test(test_a_reader_that_is_gone_is_told),
		cmocka_unit_test(test_a_full_disk_is_told),
		cmocka_unit_test(test_a_descriptor_that_is_closed_is_told),
		cmocka_unit_test(
		    test_a_line_cut_by_a_full_disk_ends_before_the_next),
		cmocka_unit_test(
		    test_a_new_file_does_not_care_how_the_old_one_ended),
		cmocka_unit_test(
		    test_a_line_that_is_too_long_for_a_pipe_is_written_all_the_same),
		cmocka_unit_test(
		    test_a_line_that_a_pipe_cannot_hold_is_cut_and_ended),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
