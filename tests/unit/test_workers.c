/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/workers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MIB (UINT64_C(1) << 20)

static void
test_auto_is_one_a_core_where_memory_allows(void **state)
{
	static const struct {
		uint64_t configured;
		unsigned cores;
		uint64_t memory_mib;
		uint64_t cache_mib;
		unsigned workers;
	} rows[] = {
		{ 0, 2, 24576, 16, 2 },
		{ 0, 64, 4096, 16, 64 },
		{ 0, 64, 512, 16, 8 },
		{ 0, 64, 512, 112, 2 },
		{ 0, 4, 64, 16, 1 },
		{ 0, 4, 8, 16, 1 },
		{ 5, 4, 8, 16, 5 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct conf conf = {
			.server.workers = rows[i].configured,
			.cache.memory_bytes = rows[i].cache_mib * MIB,
		};
		const struct workers_room room = { rows[i].cores,
			rows[i].memory_mib * MIB };

		if (workers_count(&conf, &room) != rows[i].workers)
			fail_msg("row %zu", i);
	}
}

static void
test_buffers_are_a_share_of_a_quarter_of_the_memory(void **state)
{
	const struct workers_room room = { 4, 1024 * MIB };
	struct conf conf = { 0 };

	(void)state;
	assert_int_equal(workers_buffers_bytes(&conf, &room, 1), 256 * MIB);
	assert_int_equal(workers_buffers_bytes(&conf, &room, 4), 64 * MIB);
	conf.limits.buffers_bytes = 5 * MIB;
	assert_int_equal(workers_buffers_bytes(&conf, &room, 4), 5 * MIB);
}

static void
test_this_machine_has_room(void **state)
{
	const struct workers_room room = workers_find_room();

	(void)state;
	assert_true(room.cores >= 1);
	assert_true(room.memory_bytes > 16 * MIB);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_auto_is_one_a_core_where_memory_allows),
		cmocka_unit_test(
		    test_buffers_are_a_share_of_a_quarter_of_the_memory),
		cmocka_unit_test(test_this_machine_has_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
