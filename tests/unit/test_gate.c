/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define ENTRIES 8

/* A section with blocks; those that begin with '!' are denied. */
struct section {
	struct conf_match match;
	struct cidr_entry entries[ENTRIES];
	struct cidr_range room[CIDR_ROOM(ENTRIES)];
};

static void
section_init(struct section *section, const char *const *blocks)
{
	unsigned n = 0;

	*section = (struct section){ .match.name = "x" };
	for (; *blocks != NULL; blocks++) {
		struct cidr_entry *entry = &section->entries[n++];

		entry->deny = **blocks == '!';
		assert_null(
		    cidr_parse(&entry->cidr, span_of(*blocks + entry->deny)));
		if (entry->deny)
			section->match.deny.nitems++;
		else
			section->match.allow.nitems++;
	}
	cidr_set_make(
	    &section->match.access, section->entries, n, section->room);
}

/* May the client have what the sections in matched match? */
static bool
is_open(uint64_t matched, const char *who)
{
	static const char *const blocks[][ENTRIES] = {
		{ "10.0.0.0/8", "unix:" },
		{ NULL }, /* has nothing to say */
		{ "!192.0.2.0/24", "!::/0" },
		{ "10.0.0.0/8", "!10.1.0.0/16", "10.1.2.0/24" },
		{ "all", "!10.0.0.1" },
		{ "!all" },
	};
	static struct section sections[6];
	const struct conf_match *matches[6];
	const struct conf_site site = { .matches = matches, .nmatches = 6 };
	struct address client = { .family = AF_UNIX };
	struct gate gate;

	for (unsigned i = 0; i < 6; i++) {
		section_init(&sections[i], blocks[i]);
		matches[i] = &sections[i].match;
	}
	gate_init(&gate, &site);
	assert_int_equal(gate.sections, 0x3d);
	if (strcmp(who, "unix:") != 0)
		assert_int_equal(address_parse(&client, span_of(who)), 0);
	return gate_is_open(&gate, matched, &client);
}

static void
test_no_section_lets_everybody_in(void **state)
{
	(void)state;
	assert_true(is_open(0, "192.0.2.1"));
	assert_true(is_open(1 << 1, "192.0.2.1"));
}

static void
test_allow_alone_denies_the_others(void **state)
{
	(void)state;
	assert_true(is_open(1 << 0, "10.255.0.1"));
	assert_true(is_open(1 << 0, "::ffff:10.0.0.1"));
	assert_true(is_open(1 << 0, "unix:"));
	assert_false(is_open(1 << 0, "11.0.0.0"));
	assert_false(is_open(1 << 0, "::a00:1"));
}

static void
test_deny_alone_allows_the_others(void **state)
{
	(void)state;
	assert_false(is_open(1 << 2, "192.0.2.255"));
	assert_true(is_open(1 << 2, "192.0.3.0"));
	assert_false(is_open(1 << 2, "::1"));
	assert_true(is_open(1 << 2, "unix:"));
}

static void
test_the_smallest_block_decides(void **state)
{
	(void)state;
	assert_true(is_open(1 << 3, "10.0.0.1"));
	assert_false(is_open(1 << 3, "10.1.0.1"));
	assert_true(is_open(1 << 3, "10.1.2.1"));
	assert_false(is_open(1 << 3, "1.1.1.1"));
	assert_false(is_open(1 << 4, "10.0.0.1"));
	assert_true(is_open(1 << 4, "10.0.0.2"));
	assert_true(is_open(1 << 4, "unix:"));
	assert_false(is_open(1 << 5, "unix:"));
	assert_false(is_open(1 << 5, "::1"));
}

static void
test_the_last_section_with_something_to_say_decides_alone(void **state)
{
	(void)state;
	assert_false(is_open(1 << 5 | 1 << 4, "10.0.0.2"));
	assert_true(is_open(1 << 4 | 1 << 2, "192.0.2.1"));
	assert_false(is_open(1 << 1 | 1 << 0, "192.0.2.1"));
	assert_true(is_open(1 << 2 | 1 << 1 | 1 << 0, "1.1.1.1"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_section_lets_everybody_in),
		cmocka_unit_test(test_allow_alone_denies_the_others),
		cmocka_unit_test(test_deny_alone_allows_the_others),
		cmocka_unit_test(test_the_smallest_block_decides),
		cmocka_unit_test(
		    test_the_last_section_with_something_to_say_decides_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
