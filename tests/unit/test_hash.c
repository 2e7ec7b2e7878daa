/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void
test_hash_depends_on_the_bytes_and_the_key_alone(void **state)
{
	const char here[] = "/a/path", there[] = "x/a/path";

	(void)state;
	assert_int_equal(hash_bytes(1, here, 7), hash_bytes(1, there + 1, 7));
	assert_int_not_equal(hash_bytes(1, here, 7), hash_bytes(2, here, 7));
	assert_int_not_equal(hash_bytes(1, here, 7), hash_bytes(1, here, 6));
}

/* Zero bytes at the end count too: the length is part of the hash. */
static void
test_length_counts(void **state)
{
	const char zeros[64] = { 0 };

	(void)state;
	for (size_t a = 0; a < sizeof(zeros); a++)
		for (size_t b = a + 1; b < sizeof(zeros); b++)
			assert_int_not_equal(
			    hash_bytes(7, zeros, a), hash_bytes(7, zeros, b));
}

/* Names that differ little must not meet: 10,000 of them in 16,384 buckets. */
static void
test_numbered_names_are_spread(void **state)
{
	static unsigned char buckets[16384];
	unsigned most = 0;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		char name[32];
		int len = snprintf(name, sizeof(name), "/file-%d.html", i);
		uint32_t at = hash_bytes(42, name, (size_t)len) % 16384;

		if (++buckets[at] > most)
			most = buckets[at];
	}
	/* By chance alone it is 6 or 7; with 12 something is wrong. */
	assert_true(most < 12);
}

/* The key hides what a multiplication makes of the bytes, also of these. */
static void
test_no_eight_bytes_take_the_key_away(void **state)
{
	static const uint64_t blocks[] = { 0, UINT64_MAX,
		UINT64_C(0x9e3779b97f4a7c15), UINT64_C(0xd6e8feb86659fd93),
		UINT64_C(0x9e3779b97f4a7c15) ^ UINT64_C(0xd6e8feb86659fd93) };
	char text[24] = "/prefix";

	(void)state;
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		uint32_t before;

		memcpy(text + 8, &blocks[i], 8);
		before = hash_bytes(7, text, sizeof(text));
		assert_int_not_equal(before, hash_bytes(8, text, sizeof(text)));
		text[3] ^= 1;
		assert_int_not_equal(before, hash_bytes(7, text, sizeof(text)));
	}
}

/* 62 bits of it tell clients apart: of a million none may be another. */
static void
test_wide_hashes_of_addresses_differ(void **state)
{
	static uint64_t seen[1 << 22];
	unsigned nprobes = 0;

	(void)state;
	for (uint64_t i = 1; i <= 1000000; i++) {
		const uint64_t words[2] = { i << 40, 10 };
		uint64_t hash =
		    hash_bytes_wide(42, (const char *)words, sizeof(words));
		uint64_t at = hash >> 20 & ((1 << 22) - 1);

		assert_true((hash & ~UINT64_C(3)) != 0);
		for (; seen[at] != 0; at = (at + 1) & ((1 << 22) - 1)) {
			assert_true((seen[at] ^ hash) > 3);
			nprobes++;
		}
		seen[at] = hash;
	}
	/* Spread evenly, about 170,000. */
	assert_in_range(nprobes, 100000, 250000);
}

static void
test_drawn_keys_differ(void **state)
{
	(void)state;
	assert_true(hash_draw_key() != hash_draw_key());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_hash_depends_on_the_bytes_and_the_key_alone),
		cmocka_unit_test(test_length_counts),
		cmocka_unit_test(test_numbered_names_are_spread),
		cmocka_unit_test(test_no_eight_bytes_take_the_key_away),
		cmocka_unit_test(test_wide_hashes_of_addresses_differ),
		cmocka_unit_test(test_drawn_keys_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
