/* SPDX-License-Identifier: BSD-2-Clause */
#include "status/text.h"

#include "figures.h"

static void
test_the_whole_of_it(void **state)
{
	struct figures *s = *state;

	assert_string_equal(figures_write(s, text_write),
	    "tined 1.2.3 is ready: process 100, generation 7, 2 workers\n"
	    "Up            1d 1h, since Mon, 13 Nov 2023 21:13:59 GMT\n"
	    "Reloads       6 ok, 1 failed\n"
	    "Upgrades      0 ok, 0 failed\n"
	    "Sandbox       no_new_privs, seccomp (Landlock ABI 7)\n"
	    "Last of them  failed, Tue, 14 Nov 2023 22:14:55 GMT: tined.ini:3: "
	    "server.\"x\"\\: unknown\n"
	    "Respawns      2: slot 0 2\n"
	    "Accept queue  3: slot 1 3\n"
	    "\n"
	    "Requests      112: 1xx 0, 2xx 9, 3xx 1, 4xx 2, 5xx 100\n"
	    "Methods       GET 109, HEAD 1, OPTIONS 0, TRACE 0, CONNECT 0, "
	    "other 2\n"
	    "Sent          12345678901 bytes\n"
	    "Latency       50 % in 0.003 ms, 90 % in 0.003 ms, 99 % in "
	    "0.003 ms, 99.9 % in 1.408 ms\n"
	    "First byte    50 % in 0.000 ms, 90 % in 0.000 ms, 99 % in "
	    "0.000 ms, 99.9 % in 0.000 ms\n"
	    "Connections   3 open: 0 new, 2 idle, 0 head, 0 body, 1 send, "
	    "0 linger, 0 verify, 0 pace, 0 disk\n"
	    "Accepted      5, 0 rescued, 0 errors\n"
	    "Proxies       0 not trusted, 0 refused, 0 clients not known\n"
	    "Limits        0 connections shed, 0 not refused (dry run), "
	    "0 clients forgotten early, 0 not tracked\n"
	    "Ended early   0 timeouts, 0 answers cut short, 0 files that "
	    "became "
	    "shorter, 0 without buffers\n"
	    "Memory        at most 0 MiB\n"
	    "Refused       2: bad_host 2\n"
	    "Codings       identity 0, br 4, zstd 0, gzip 0\n"
	    "File cache    8 hits, 0 misses, 0 evictions\n"
	    "Sendfile      0 calls\n"
	    "Disk          0 waits, 0 in vain, 0 read errors\n"
	    "Access log    0 lines, 0 dropped, 0 skipped\n"
	    "Heap          1 calls, 64 bytes, since the workers were ready\n"
	    "\n"
	    "SLOT      PID  GEN STATE         AGE   OPEN     REQUESTS"
	    "           BYTES    50% ms    99% ms  HEAP\n"
	    "   0      203    7 serving       10s      0            0"
	    "               0     0.000     0.000     1\n"
	    "   0      201    6 draining      10s      0          100"
	    "               0     0.000     0.000     0\n"
	    "   1      202    7 serving       10s      3           12"
	    "     12345678901     0.003     0.003     0\n");
}

static void
test_a_build_that_cannot_count_the_heap_says_so(void **state)
{
	struct figures *s = *state;

	snapshot_take(&s->snapshot, s->board, &s->clock, false);
	text_write(&s->writer, &s->snapshot);
	figures_find(s->text, "Heap          not counted by this build\n");
	assert_null(strstr(s->text, "HEAP"));
}

static void
test_what_has_no_room_is_counted(void **state)
{
	struct figures *s = *state;

	for (int pid = 300; pid < 400; pid++)
		figures_add(s, pid, 1, 7, BOARD_SERVING);
	writer_init(&s->writer, s->text, 4096);
	figures_find(figures_write(s, text_write), "\nand ");
	assert_memory_equal(s->text + s->writer.len - 6, " more\n", 6);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, figures_setup, figures_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_whole_of_it),
		TEST(test_a_build_that_cannot_count_the_heap_says_so),
		TEST(test_what_has_no_room_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
