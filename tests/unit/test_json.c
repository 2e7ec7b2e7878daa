/* SPDX-License-Identifier: BSD-2-Clause */
#include "status/json.h"

#include "figures.h"

static void
test_golden_pieces(void **state)
{
	const char *text = figures_write(*state, json_write);

	figures_find(text,
	    "{\"name\":\"tined\",\"version\":\"1.2.3\",\"phase\":\"ready\","
	    "\"ready\":true,\"master\":100,\"generation\":7,\"workers\":2,"
	    "\"time_s\":1700000100,\"monotonic_ms\":987654,"
	    "\"started_s\":1699910039,\"loaded_s\":1700000090,"
	    "\"reloads\":{\"ok\":6,\"failed\":1},"
	    "\"upgrades\":{\"ok\":0,\"failed\":0},"
	    "\"last_change\":{\"ok\":false,\"time_s\":1700000095,\"text\":"
	    "\"tined.ini:3: server.\\\"x\\\"\\\\: unknown\"},\"respawns\":2,"
	    "\"sandbox\":{\"no_new_privs\":true,\"no_capabilities\":false,"
	    "\"landlock_files\":false,\"landlock_net\":false,"
	    "\"landlock_scope\":false,\"seccomp\":true,\"chroot\":false,"
	    "\"reads_all\":false,\"landlock_abi\":7},"
	    "\"totals\":{\"accepted\":5,");
	figures_find(text, "\"requests\":112,\"answers\":{\"GET\":{"
			   "\"1xx\":0,\"2xx\":9,\"3xx\":0,\"4xx\":0,"
			   "\"5xx\":100},\"HEAD\":{");
	figures_find(text, "\"sent_bytes\":12345678901,");
	figures_find(text, "\"bad_host\":2,");
	figures_find(text, "\"latency\":{\"count\":100,\"sum_us\":1797,"
			   "\"p50_us\":3,\"p90_us\":3,\"p99_us\":3,"
			   "\"p999_us\":1408,\"buckets\":[0,0,0,99,");
	figures_find(text, "\"connections\":{\"open\":3,\"new\":0,"
			   "\"idle\":2,\"head\":0,\"body\":0,\"send\":1,"
			   "\"linger\":0,\"verify\":0,\"pace\":0,\"disk\":0},"
			   "\"lent_buffers\":4,"
			   "\"memory_most_bytes\":0,"
			   "\"heap\":{\"calls\":1,\"bytes\":64}},"
			   "\"bucket_ends_us\":[1,2,3,4,5,6,7,8,10,");
	figures_find(text, ",67108864,null],\"slots\":[{\"slot\":0,"
			   "\"queue\":0,\"respawns\":2},{\"slot\":1,"
			   "\"queue\":3,\"respawns\":0}],\"processes\":["
			   "{\"slot\":0,\"pid\":203,\"generation\":7,"
			   "\"state\":\"serving\","
			   "\"started_s\":1700000090,\"accepted\":0,");
}

/* A process lists the methods that occurred, and reasons likewise. */
static void
test_a_process_says_what_it_counted_itself(void **state)
{
	const char *text = figures_write(*state, json_write);

	figures_find(text,
	    "{\"slot\":1,\"pid\":202,\"generation\":7,\"state\":\"serving\","
	    "\"started_s\":1700000090,\"accepted\":5,\"rescued\":0,"
	    "\"accept_errors\":0,\"proxies\":{\"untrusted\":0,"
	    "\"refused\":0,\"unknown_clients\":0},"
	    "\"limits\":{\"connections_shed\":0,\"dry_runs\":0,"
	    "\"clients_forgotten\":0,\"clients_untracked\":0},"
	    "\"requests\":12,\"answers\":{"
	    "\"GET\":{\"1xx\":0,\"2xx\":9,\"3xx\":0,\"4xx\":0,\"5xx\":0},"
	    "\"HEAD\":{\"1xx\":0,\"2xx\":0,\"3xx\":1,\"4xx\":0,\"5xx\":0},"
	    "\"other\":{\"1xx\":0,\"2xx\":0,\"3xx\":0,\"4xx\":2,\"5xx\":0}},"
	    "\"sent_bytes\":12345678901,\"refusals\":{\"bad_host\":2},");
	figures_find(text, "\"left_out\":0}\n");
}

static void
test_what_is_not_known_is_not_there(void **state)
{
	struct figures *s = *state;

	s->board->last_s = 0;
	snapshot_take(&s->snapshot, s->board, &s->clock, false);
	json_write(&s->writer, &s->snapshot);
	s->text[s->writer.len] = '\0';
	figures_find(s->text, "\"last_change\":null,");
	assert_null(strstr(s->text, "heap"));
}

static void
test_what_has_no_room_is_counted(void **state)
{
	struct figures *s = *state;
	const char *text;

	for (int pid = 300; pid < 400; pid++)
		figures_add(s, pid, 1, 7, BOARD_SERVING);
	writer_init(&s->writer, s->text, 32768);
	text = figures_write(s, json_write);
	figures_find(text, "],\"left_out\":");
	assert_null(strstr(text, "\"left_out\":0}"));
	assert_memory_equal(s->text + s->writer.len - 2, "}\n", 2);
}

/* What one process can say fits into what is kept free for it. */
static void
test_the_longest_process_has_room(void **state)
{
	struct figures *s = *state;
	uint64_t *numbers = &s->board->counters[0].accepted;
	size_t before;

	for (size_t i = 0; i < sizeof(struct counters) / sizeof(*numbers); i++)
		numbers[i] = UINT64_MAX / 1000;
	board_free(s->board, &s->board->places[1]);
	before = strlen(figures_write(s, json_write));
	writer_init(&s->writer, s->text, sizeof(s->text) - 1);
	board_free(s->board, &s->board->places[0]);
	assert_true(before - strlen(figures_write(s, json_write)) < 8192);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, figures_setup, figures_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_golden_pieces),
		TEST(test_a_process_says_what_it_counted_itself),
		TEST(test_what_is_not_known_is_not_there),
		TEST(test_what_has_no_room_is_counted),
		TEST(test_the_longest_process_has_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
