/* SPDX-License-Identifier: BSD-2-Clause */
#include "status/metrics.h"

#include "figures.h"

static void
test_golden_pieces(void **state)
{
	const char *text = figures_write(*state, metrics_write);

	figures_find(text, "# HELP tined_build_info The program that runs.\n"
			   "# TYPE tined_build_info gauge\n"
			   "tined_build_info{version=\"1.2.3\"} 1\n");
	figures_find(text, "\ntined_start_time_seconds 1699910039\n");
	figures_find(text, "\ntined_ready 1\n");
	figures_find(text, "\ntined_processes{state=\"draining\"} 1\n");
	figures_find(text, "\ntined_sandbox{part=\"seccomp\"} 1\n"
			   "tined_sandbox{part=\"chroot\"} 0\n");
	figures_find(text, "\n# TYPE tined_reloads_total counter\n"
			   "tined_reloads_total{result=\"ok\"} 6\n"
			   "tined_reloads_total{result=\"failed\"} 1\n");
	figures_find(text, "\ntined_last_change_success 0\n");
	figures_find(
	    text, "\ntined_last_change_timestamp_seconds 1700000095\n");
	figures_find(
	    text, "\ntined_requests_total{method=\"GET\",class=\"5xx\"} 100\n");
	figures_find(text, "\ntined_refusals_total{reason=\"bad_host\"} 2\n");
	figures_find(text, "\ntined_files_sent_total{coding=\"br\"} 4\n");
	figures_find(text, "\ntined_connections_waiting{for=\"idle\"} 2\n");
	figures_find(text, "\ntined_worker_connections{slot=\"1\"} 3\n");
	figures_find(text, "\ntined_worker_heap_calls{slot=\"0\"} 1\n");
	figures_find(text, "\ntined_accept_queue{slot=\"1\"} 3\n");
	figures_find(text, "\ntined_worker_respawns_total{slot=\"0\"} 2\n");
}

static void
test_buckets_are_cumulative_and_in_seconds(void **state)
{
	const char *text = figures_write(*state, metrics_write);

	figures_find(text,
	    "# TYPE tined_request_duration_seconds histogram\n"
	    "tined_request_duration_seconds_bucket{le=\"0.000001\"} 0\n"
	    "tined_request_duration_seconds_bucket{le=\"0.000002\"} 0\n"
	    "tined_request_duration_seconds_bucket{le=\"0.000004\"} 99\n");
	figures_find(text,
	    "_bucket{le=\"0.001024\"} 99\n"
	    "tined_request_duration_seconds_bucket{le=\"0.002048\"} 100\n");
	figures_find(text,
	    "tined_request_duration_seconds_bucket{le=\"67.108864\"} 100\n"
	    "tined_request_duration_seconds_bucket{le=\"+Inf\"} 100\n"
	    "tined_request_duration_seconds_sum 0.001797\n"
	    "tined_request_duration_seconds_count 100\n");
}

static void
test_the_longest_time_is_in_the_last_bucket(void **state)
{
	struct figures *s = *state;

	histogram_add(&s->board->counters[0].latency, INT64_C(1) << 26);
	figures_find(figures_write(s, metrics_write),
	    "tined_request_duration_seconds_bucket{le=\"67.108864\"} 100\n"
	    "tined_request_duration_seconds_bucket{le=\"+Inf\"} 101\n");
}

static void
test_without_a_change_the_last_one_was_good(void **state)
{
	struct figures *s = *state;
	const char *text;

	s->board->last_s = 0;
	text = figures_write(s, metrics_write);
	figures_find(text, "\ntined_last_change_success 1\n");
	figures_find(
	    text, "\ntined_last_change_timestamp_seconds 1699910039\n");
}

static void
test_a_build_that_cannot_count_the_heap_leaves_it_out(void **state)
{
	struct figures *s = *state;

	snapshot_take(&s->snapshot, s->board, &s->clock, false);
	metrics_write(&s->writer, &s->snapshot);
	assert_null(strstr(s->text, "heap"));
}

static void
test_all_slots_with_the_largest_numbers_fit(void **state)
{
	struct figures *s = *state;
	uint64_t *numbers = &s->board->counters[0].accepted;

	for (size_t i = 0; i < sizeof(struct counters) / sizeof(*numbers); i++)
		numbers[i] = UINT64_MAX / 4;
	for (unsigned i = 0; i < BOARD_SLOTS; i++) {
		s->board->slots[i].queue = UINT32_MAX;
		s->board->slots[i].respawns = UINT64_MAX / BOARD_SLOTS;
	}
	s->board->nslots = BOARD_SLOTS;
	(void)figures_write(s, metrics_write);
	assert_true(s->writer.len < 128 * 1024);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, figures_setup, figures_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_golden_pieces),
		TEST(test_buckets_are_cumulative_and_in_seconds),
		TEST(test_the_longest_time_is_in_the_last_bucket),
		TEST(test_without_a_change_the_last_one_was_good),
		TEST(test_a_build_that_cannot_count_the_heap_leaves_it_out),
		TEST(test_all_slots_with_the_largest_numbers_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
