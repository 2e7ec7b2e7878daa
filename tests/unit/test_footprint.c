/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/footprint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MIB (UINT64_C(1) << 20)

static struct conf
small_conf(void)
{
	return (struct conf){
		.limits = { .connections = 100,
		    .head_bytes = 8192,
		    .listing_bytes = MIB },
		.cache = { .memory_bytes = MIB },
		.access_log.path = "off",
	};
}

static void
test_buffers_are_for_as_many_requests_as_fit(void **state)
{
	struct conf conf = small_conf();
	size_t n = footprint_exchanges(&conf, MIB);

	(void)state;
	/* Two of 16 KiB, and what is known of a request. */
	assert_in_range(n, MIB / (44 * 1024), MIB / (32 * 1024));
	assert_in_range(
	    footprint_buffers_bytes(&conf, MIB), MIB - 44 * 1024, MIB);
	conf.limits.head_bytes = 65536;
	assert_true(footprint_exchanges(&conf, MIB) < n);
}

static void
test_no_more_requests_than_connections_are_in_flight(void **state)
{
	const struct conf conf = small_conf();

	(void)state;
	assert_int_equal(footprint_exchanges(&conf, 1024 * MIB), 100);
}

static void
test_some_requests_always_fit(void **state)
{
	const struct conf conf = small_conf();

	(void)state;
	assert_int_equal(footprint_exchanges(&conf, 1), 4);
}

static void
test_what_takes_memory_counts(void **state)
{
	static const struct {
		const char *name;
		size_t at; /* of a number of bytes in struct conf */
	} rows[] = {
		{ "cache.memory", offsetof(struct conf, cache.memory_bytes) },
		{ "cache.files", offsetof(struct conf, cache.files) },
		{ "cache.missing", offsetof(struct conf, cache.missing) },
		{ "cache.heads", offsetof(struct conf, cache.heads) },
		{ "limits.connections",
		    offsetof(struct conf, limits.connections) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct conf conf = small_conf();
		uint64_t before = footprint_bytes(&conf, MIB);

		*(uint64_t *)(void *)((char *)&conf + rows[i].at) += 1000;
		if (footprint_bytes(&conf, MIB) < before + 1000)
			fail_msg("%s", rows[i].name);
	}
}

static void
test_listings_count_where_a_site_lists(void **state)
{
	struct conf conf = small_conf();
	struct conf_site site = { .listing = CONF_LISTING_OFF };
	uint64_t before;

	(void)state;
	conf.sites = &site;
	conf.nsites = 1;
	before = footprint_bytes(&conf, MIB);
	site.listing = CONF_LISTING_ON;
	assert_true(footprint_bytes(&conf, MIB) >= before + 8 * MIB);
}

static void
test_logs_that_are_on_count(void **state)
{
	struct conf conf = small_conf();
	uint64_t before = footprint_bytes(&conf, MIB);

	(void)state;
	conf.access_log.path = "/var/log/access.log";
	conf.access_log.buffer_bytes = MIB;
	assert_int_equal(footprint_bytes(&conf, MIB), before + MIB);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buffers_are_for_as_many_requests_as_fit),
		cmocka_unit_test(
		    test_no_more_requests_than_connections_are_in_flight),
		cmocka_unit_test(test_some_requests_always_fit),
		cmocka_unit_test(test_what_takes_memory_counts),
		cmocka_unit_test(test_listings_count_where_a_site_lists),
		cmocka_unit_test(test_logs_that_are_on_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
