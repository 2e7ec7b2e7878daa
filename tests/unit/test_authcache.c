/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/authcache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Tag number n of the set with this number. */
static const unsigned char *
tag_of(unsigned char set, unsigned char n)
{
	static unsigned char tag[AUTHCACHE_TAG_BYTES];

	memset(tag, 0, sizeof(tag));
	tag[0] = set;
	tag[15] = n;
	return tag;
}

static void
test_a_tag_is_known_for_its_time(void **state)
{
	struct authcache cache;

	(void)state;
	assert_int_equal(authcache_init(&cache, 16, 100), 0);
	assert_false(authcache_has(&cache, tag_of(0, 0), 0));
	authcache_add(&cache, tag_of(0, 1), 1000);
	assert_true(authcache_has(&cache, tag_of(0, 1), 1000));
	assert_true(authcache_has(&cache, tag_of(0, 1), 1099));
	assert_false(authcache_has(&cache, tag_of(0, 1), 1100));
	assert_false(authcache_has(&cache, tag_of(0, 2), 1000));
	assert_false(authcache_has(&cache, tag_of(1, 1), 1000));
	authcache_add(&cache, tag_of(0, 1), 1090);
	assert_true(authcache_has(&cache, tag_of(0, 1), 1189));
	authcache_fini(&cache);
}

static void
test_a_full_set_gives_up_what_is_oldest(void **state)
{
	struct authcache cache;

	(void)state;
	assert_int_equal(authcache_init(&cache, 16, 100), 0);
	for (unsigned char i = 1; i <= 4; i++)
		authcache_add(&cache, tag_of(3, i), i);
	authcache_add(&cache, tag_of(2, 9), 5);
	authcache_add(&cache, tag_of(3, 1), 6);
	authcache_add(&cache, tag_of(3, 5), 7);
	assert_true(authcache_has(&cache, tag_of(3, 1), 8));
	assert_false(authcache_has(&cache, tag_of(3, 2), 8));
	assert_true(authcache_has(&cache, tag_of(3, 3), 8));
	assert_true(authcache_has(&cache, tag_of(3, 5), 8));
	assert_true(authcache_has(&cache, tag_of(2, 9), 8));
	authcache_fini(&cache);
	authcache_fini(&cache);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_tag_is_known_for_its_time),
		cmocka_unit_test(test_a_full_set_gives_up_what_is_oldest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
