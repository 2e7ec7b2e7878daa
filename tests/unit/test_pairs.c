/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/pairs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct key *
mime_key(void)
{
	return keys_find(keys_section(SPAN("mime")), SPAN("x"));
}

static void
test_pairs_keep_the_order_in_which_they_came(void **state)
{
	struct store store = { 0 };
	struct conf_pairs pairs = { 0 };
	char name[16];

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		struct conf_pair pair = { .value = "v", .origin.line = i };

		(void)snprintf(name, sizeof(name), "n%u", i);
		pair.name = store_copy(&store, span_of(name));
		pairs_put(&pairs, NULL, &pair, &store);
	}
	assert_int_equal(pairs.nitems, 40);
	for (unsigned i = 0; i < pairs.nitems; i++) {
		(void)snprintf(name, sizeof(name), "n%u", i);
		assert_ptr_equal(
		    pairs_find(&pairs, span_of(name)), &pairs.items[i]);
		assert_int_equal(pairs.items[i].origin.line, i);
	}
	assert_null(pairs_find(&pairs, SPAN("n40")));
	store_fini(&store);
}

static void
test_a_pair_takes_the_place_of_another(void **state)
{
	struct store store = { 0 };
	struct conf_pairs pairs = { 0 };

	(void)state;
	pairs_put(&pairs, NULL, &(struct conf_pair){ .name = "a" }, &store);
	pairs_put(&pairs, NULL, &(struct conf_pair){ .name = "b" }, &store);
	pairs_put(&pairs, pairs_find(&pairs, SPAN("a")),
	    &(struct conf_pair){ .name = "a", .value = "new" }, &store);
	assert_int_equal(pairs.nitems, 2);
	assert_string_equal(pairs.items[0].value, "new");
	assert_string_equal(pairs.items[1].name, "b");
	store_fini(&store);
}

static void
test_the_case_of_an_ending_does_not_matter(void **state)
{
	struct store store = { 0 };

	(void)state;
	assert_string_equal(
	    pairs_copy_name(mime_key(), SPAN("Tar.GZ"), &store), "tar.gz");
	assert_null(pairs_check_name(mime_key(), SPAN("tar.gz")));
	assert_non_null(pairs_check_name(mime_key(), SPAN(".gz")));
	assert_non_null(pairs_check_name(mime_key(), SPAN("a/b")));
	store_fini(&store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs_keep_the_order_in_which_they_came),
		cmocka_unit_test(test_a_pair_takes_the_place_of_another),
		cmocka_unit_test(test_the_case_of_an_ending_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
