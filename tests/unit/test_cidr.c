/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/cidr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define MANY 400

static struct cidr
parse(const char *text)
{
	struct cidr cidr;

	assert_null(cidr_parse(&cidr, span_of(text)));
	return cidr;
}

static struct address
address(const char *text)
{
	struct address address;

	if (strcmp(text, "unix:") == 0)
		return (struct address){ .family = AF_UNIX };
	assert_int_equal(address_parse(&address, span_of(text)), 0);
	return address;
}

static void
test_blocks_are_read_and_written(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "192.0.2.0/24", "192.0.2.0/24" },
		{ "192.0.2.1", "192.0.2.1" },
		{ "192.0.2.1/32", "192.0.2.1" },
		{ "0.0.0.0/0", "0.0.0.0/0" },
		{ "2001:DB8::/32", "2001:db8::/32" },
		{ "::1", "::1" },
		{ "::1/128", "::1" },
		{ "::/0", "::/0" },
		{ "::ffff:10.0.0.0/104", "10.0.0.0/8" },
		{ "::ffff:0:0/96", "0.0.0.0/0" },
		{ "::ffff:10.0.0.1", "10.0.0.1" },
		{ "::ffff:10.0.0.1/128", "10.0.0.1" },
		{ "unix:", "unix:" },
		{ "all", "all" },
	};
	char text[CIDR_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cidr cidr = parse(rows[i].text);

		cidr_format(&cidr, text);
		assert_string_equal(text, rows[i].want);
		assert_true(cidr_is_exact(&cidr));
	}
}

static void
test_what_is_no_block_is_refused(void **state)
{
	static const char *const texts[] = { "", "/", "/8", "10.0.0.0/",
		"10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/-1", "10.0.0.0/+8",
		"10.0.0.0/8 ", "10.0.0.0/8/8", "10.0.0.0/0x8", "10/8",
		"10.0.0/8", "010.0.0.0/8", "10.0.0.0/255.0.0.0", "::/129",
		"::ffff:10.0.0.0/8", "::ffff:10.0.0.0/95",
		"::ffff:10.0.0.0/129", "fe80::1%eth0", "fe80::%lo/64", "ALL",
		"unix", "unix:/run/x", "example.com", "[::1]", "10.0.0.1:80",
		"*", "10.*", "10.0.0.0/99999999999999999999999" };
	struct cidr cidr;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_non_null(cidr_parse(&cidr, span_of(texts[i])));
}

static void
test_bits_behind_the_prefix_are_found_and_cleared(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "10.1.2.3/8", "10.0.0.0/8" },
		{ "10.0.0.1/31", "10.0.0.0/31" },
		{ "128.0.0.0/0", "0.0.0.0/0" },
		{ "10.0.0.129/25", "10.0.0.128/25" },
		{ "10.0.0.130/25", "10.0.0.128/25" },
		{ "2001:db8::1/32", "2001:db8::/32" },
		{ "2001:db9::/31", "2001:db8::/31" },
		{ "::1/127", "::/127" },
	};
	char text[CIDR_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cidr cidr = parse(rows[i].text);

		if (strcmp(rows[i].text, rows[i].want) != 0)
			assert_false(cidr_is_exact(&cidr));
		cidr_mask(&cidr);
		assert_true(cidr_is_exact(&cidr));
		cidr_format(&cidr, text);
		assert_string_equal(text, rows[i].want);
	}
}

/* What a set says of an address: the block's text, or "". */
static void
check(const char *const *allow, const char *const *deny, const char *who,
    const char *want, bool want_deny)
{
	struct cidr_entry entries[16];
	struct cidr_range room[CIDR_ROOM(16)];
	const struct address client = address(who);
	const struct cidr_entry *found;
	struct cidr_set set;
	char text[CIDR_TEXT] = "";
	unsigned n = 0;

	for (; *allow != NULL; allow++)
		entries[n++] = (struct cidr_entry){ .cidr = parse(*allow) };
	for (; *deny != NULL; deny++)
		entries[n++] =
		    (struct cidr_entry){ .cidr = parse(*deny), .deny = true };
	cidr_set_make(&set, entries, n, room);
	found = cidr_set_find(&set, &client);
	if (found != NULL) {
		cidr_format(&found->cidr, text);
		assert_int_equal(found->deny, want_deny);
	}
	assert_string_equal(text, want);
}

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void
test_the_smallest_block_says_it(void **state)
{
	const char *const *allow = LIST("10.0.0.0/8", "10.1.2.0/24", "::1",
	    "192.0.2.0/24", "255.0.0.0/8", "ffff::/16");
	const char *const *deny =
	    LIST("10.1.0.0/16", "192.0.2.0/24", "0.0.0.0/0", "2001:db8::/32");

	(void)state;
	check(allow, deny, "10.0.0.0", "10.0.0.0/8", false);
	check(allow, deny, "10.255.255.255", "10.0.0.0/8", false);
	check(allow, deny, "10.1.0.0", "10.1.0.0/16", true);
	check(allow, deny, "10.1.2.0", "10.1.2.0/24", false);
	check(allow, deny, "10.1.2.255", "10.1.2.0/24", false);
	check(allow, deny, "10.1.3.0", "10.1.0.0/16", true);
	check(allow, deny, "10.2.0.0", "10.0.0.0/8", false);
	check(allow, deny, "11.0.0.0", "0.0.0.0/0", true);
	check(allow, deny, "0.0.0.0", "0.0.0.0/0", true);
	check(allow, deny, "255.255.255.255", "255.0.0.0/8", false);
	check(allow, deny, "::1", "::1", false);
	check(allow, deny, "::", "", false);
	check(allow, deny, "::2", "", false);
	check(allow, deny, "2001:db8:ffff::", "2001:db8::/32", true);
	check(allow, deny, "2001:db9::", "", false);
	check(allow, deny, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "ffff::/16", false);
	check(allow, deny, "unix:", "", false);
	/* IPv4 as IPv6 calls it. */
	check(allow, deny, "::ffff:10.1.2.3", "10.1.2.0/24", false);
}

static void
test_of_the_same_block_deny_wins(void **state)
{
	const char *const *both = LIST("192.0.2.0/24", "::/0", "unix:", "all");

	(void)state;
	check(both, both, "192.0.2.1", "192.0.2.0/24", true);
	check(both, both, "::1", "::/0", true);
	check(both, both, "unix:", "unix:", true);
	check(both, both, "1.2.3.4", "all", true);
}

static void
test_all_is_larger_than_any_block(void **state)
{
	(void)state;
	check(LIST("0.0.0.0/0", "unix:"), LIST("all"), "1.2.3.4", "0.0.0.0/0",
	    false);
	check(LIST("0.0.0.0/0", "unix:"), LIST("all"), "unix:", "unix:", false);
	check(LIST("0.0.0.0/0", "unix:"), LIST("all"), "::1", "all", true);
	check(LIST("all"), LIST("unix:"), "unix:", "unix:", true);
	check(LIST("all"), LIST("::/0"), "::ffff:1.2.3.4", "all", false);
	check(LIST("::/0"), LIST(NULL), "1.2.3.4", "", false);
}

static void
test_the_empty_set_holds_nobody(void **state)
{
	struct cidr_set set;
	const struct address v4 = address("0.0.0.0"), v6 = address("::"),
			     local = address("unix:");

	(void)state;
	cidr_set_make(&set, NULL, 0, NULL);
	assert_null(cidr_set_find(&set, &v4));
	assert_null(cidr_set_find(&set, &v6));
	assert_null(cidr_set_find(&set, &local));
	assert_false(set.allows);
}

/* Does the block hold the address?  Bit by bit. */
static bool
holds(const struct cidr *cidr, const struct address *who)
{
	if (cidr->family == AF_UNSPEC)
		return true;
	if (cidr->family != who->family)
		return false;
	for (unsigned i = 0; i < cidr->prefix; i++)
		if (((cidr->addr[i / 8] ^ who->addr[i / 8]) &
			(0x80 >> i % 8)) != 0)
			return false;
	return true;
}

/* The entry of n that a plain search finds. */
static const struct cidr_entry *
search(const struct cidr_entry *entries, unsigned n, const struct address *who)
{
	const struct cidr_entry *best = NULL;
	int longest = -2;

	for (unsigned i = 0; i < n; i++) {
		const struct cidr *cidr = &entries[i].cidr;
		int length = cidr->family == AF_UNSPEC ? -1 : cidr->prefix;

		if (!holds(cidr, who) || length < longest ||
		    (length == longest && !entries[i].deny))
			continue;
		best = &entries[i];
		longest = length;
	}
	return best;
}

/* Few values for each byte, so that blocks lie in each other. */
static void
draw(uint8_t family, uint8_t addr[16])
{
	static const uint8_t bytes[] = { 0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff };

	memset(addr, 0, 16);
	for (unsigned i = 0; i < (family == AF_INET ? 4 : 16); i++)
		addr[i] = bytes[(unsigned)rand() % sizeof(bytes)];
}

static void
test_any_set_says_what_a_plain_search_says(void **state)
{
	static struct cidr_entry entries[MANY], sorted[MANY];
	static struct cidr_range room[CIDR_ROOM(MANY)];

	(void)state;
	srand(1);
	for (unsigned round = 0; round < 300; round++) {
		unsigned n = 1 + (unsigned)rand() % (round < 200 ? 12 : MANY);
		struct cidr_set set;

		for (unsigned i = 0; i < n; i++) {
			uint8_t family = rand() % 2 == 0 ? AF_INET : AF_INET6;
			struct cidr *cidr = &entries[i].cidr;

			*cidr = (struct cidr){ .family = family };
			if (rand() % 50 == 0)
				cidr->family = AF_UNSPEC;
			else
				draw(family, cidr->addr);
			if (cidr->family != AF_UNSPEC)
				cidr->prefix =
				    (uint8_t)(rand() %
					      (family == AF_INET ? 33 : 129));
			cidr_mask(cidr);
			entries[i].deny = rand() % 2 == 0;
			entries[i].item = i;
		}
		memcpy(sorted, entries, sizeof(entries));
		cidr_set_make(&set, sorted, n, room);
		assert_true(set.v4.nitems + set.v6.nitems <= CIDR_ROOM(n));
		for (unsigned i = 0; i < 500; i++) {
			struct address who = {
				.family = rand() % 2 == 0 ? AF_INET : AF_INET6
			};
			const struct cidr_entry *found, *want;

			draw(who.family, who.addr);
			found = cidr_set_find(&set, &who);
			want = search(entries, n, &who);
			assert_int_equal(found == NULL, want == NULL);
			if (found == NULL)
				continue;
			assert_int_equal(found->deny, want->deny);
			assert_memory_equal(
			    &found->cidr, &want->cidr, sizeof(found->cidr));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks_are_read_and_written),
		cmocka_unit_test(test_what_is_no_block_is_refused),
		cmocka_unit_test(
		    test_bits_behind_the_prefix_are_found_and_cleared),
		cmocka_unit_test(test_the_smallest_block_says_it),
		cmocka_unit_test(test_of_the_same_block_deny_wins),
		cmocka_unit_test(test_all_is_larger_than_any_block),
		cmocka_unit_test(test_the_empty_set_holds_nobody),
		cmocka_unit_test(test_any_set_says_what_a_plain_search_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
