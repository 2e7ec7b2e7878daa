/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/uptake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void
test_what_was_taken_is_measured_by_what_is_confirmed(void **state)
{
	static const struct {
		const char *name;
		uint64_t handed;
		long before, now;
		uint64_t rate;
		int64_t ms;
		bool enough;
	} rows[] = {
		{ "at the rate", 30000, 5000, 5000, 1000, 30000, true },
		{ "one byte below", 29999, 5000, 5000, 1000, 30000, false },
		{ "all buffered, nothing taken", 100000, 0, 100000, 1, 1000,
		    false },
		{ "nothing handed over, the rest taken", 0, 40000, 10000, 1000,
		    30000, true },
		{ "nothing is left to take", 0, 0, 0, 1000, 30000, true },
		{ "slow, but all is taken", 10, 0, 0, 1000, 30000, true },
		{ "any byte is enough without a rate", 1, 10, 10, 0, 30000,
		    true },
		{ "and none is not", 0, 10, 10, 0, 30000, false },
		{ "the time that passed counts", 60000, 1, 1, 1000, 60001,
		    false },
		{ "a socket that does not say", 60000, -1, 10, 1000, 30000,
		    false },
		{ "nor now", 60000, 10, -1, 1000, 30000, false },
		{ "it took back more than was there", 0, 10, 20, 1, 1000,
		    false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct uptake uptake = {
			.since_ms = 1000,
			.handed = rows[i].handed,
			.unconfirmed = rows[i].before,
		};

		if (uptake_judge(&uptake, rows[i].now, rows[i].rate,
			1000 + rows[i].ms) != rows[i].enough)
			fail_msg("%s", rows[i].name);
	}
}

static void
test_a_client_that_reads_is_told_from_one_that_does_not(void **state)
{
	struct uptake uptake;
	char bytes[4096] = { 0 };
	int fds[2];

	(void)state;
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	while (write(fds[0], bytes, sizeof(bytes)) > 0)
		continue;
	uptake_begin(&uptake, fds[0], 5);
	assert_int_equal(uptake.since_ms, 5);
	assert_int_equal(uptake.handed, 0);
	assert_false(uptake_is_enough(&uptake, fds[0], 0, 1005));
	while (read(fds[1], bytes, sizeof(bytes)) > 0)
		continue;
	assert_true(uptake_is_enough(&uptake, fds[0], 0, 1005));
	(void)close(fds[0]);
	(void)close(fds[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_what_was_taken_is_measured_by_what_is_confirmed),
		cmocka_unit_test(
		    test_a_client_that_reads_is_told_from_one_that_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
