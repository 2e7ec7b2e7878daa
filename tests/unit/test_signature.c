/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/signature.h"

#include <stdio.h>

#include "rows.h"

/*
 * Of "/a file.txt" until 2000000000, under these keys; made with Python's hmac
 * and base64, which a system test does again.
 */
#define KEY_NEW "0123456789abcdef0123456789abcdef"
#define KEY_OLD "fedcba9876543210fedcba9876543210"
#define BY_NEW  "LDMUfgTqHiYaIeVBEK5iGP3BsPbQ6W-SW1rKKtn1JPk"
#define BY_OLD  "GE5DFmfI9V3AoNc7zYocniHgQKYYAzv94slxMcH133k"

static struct conf_secret secrets[] = {
	{ "new", { KEY_NEW, sizeof(KEY_NEW) - 1 }, 1 },
	{ "old", { KEY_OLD, sizeof(KEY_OLD) - 1 }, 2 },
};
static const struct conf_secrets keys = { secrets, 2 };

struct row {
	const char *name;
	const char *query;
	enum signature_state state;
	const char *key; /* NULL: none */
};

#define EXPIRES "expires=2000000000"

static const struct row queries[] = {
	{ "the first key", "?" EXPIRES "&signature=" BY_NEW, SIGNATURE_GOOD,
	    "new" },
	{ "the second key", "?" EXPIRES "&signature=" BY_OLD, SIGNATURE_GOOD,
	    "old" },
	{ "in another order", "?signature=" BY_NEW "&" EXPIRES, SIGNATURE_GOOD,
	    "new" },
	{ "among others", "?a=b&" EXPIRES "&c&&signature=" BY_NEW "&d=",
	    SIGNATURE_GOOD, "new" },
	{ "no query", "", SIGNATURE_ABSENT, NULL },
	{ "an empty query", "?", SIGNATURE_ABSENT, NULL },
	{ "other parameters", "?a=b&xexpires=1&signatures=2", SIGNATURE_ABSENT,
	    NULL },
	{ "no time", "?signature=" BY_NEW, SIGNATURE_WRONG, NULL },
	{ "no signature", "?" EXPIRES, SIGNATURE_WRONG, NULL },
	{ "empty parts", "?expires=&signature=", SIGNATURE_WRONG, NULL },
	{ "another time", "?expires=2000000001&signature=" BY_NEW,
	    SIGNATURE_WRONG, NULL },
	{ "a zero before the time", "?expires=02000000000&signature=" BY_NEW,
	    SIGNATURE_WRONG, NULL },
	{ "a sign before the time", "?expires=+2000000000&signature=" BY_NEW,
	    SIGNATURE_WRONG, NULL },
	{ "a time beyond 64 bits",
	    "?expires=99999999999999999999&signature=" BY_NEW, SIGNATURE_WRONG,
	    NULL },
	{ "a time that is repeated",
	    "?" EXPIRES "&" EXPIRES "&signature=" BY_NEW, SIGNATURE_WRONG,
	    NULL },
	{ "a signature that is repeated",
	    "?" EXPIRES "&signature=" BY_NEW "&signature=" BY_NEW,
	    SIGNATURE_WRONG, NULL },
	{ "a signature with padding", "?" EXPIRES "&signature=" BY_NEW "=",
	    SIGNATURE_WRONG, NULL },
	{ "a signature cut off", "?" EXPIRES "&signature=abc", SIGNATURE_WRONG,
	    NULL },
};

static void
check_query(void **state)
{
	const struct row *row = *state;
	const struct conf_secret *key;

	assert_int_equal(signature_check(&keys, SPAN("/a file.txt"),
			     span_of(row->query), 1999999999, &key),
	    row->state);
	assert_span(span_of(key == NULL ? NULL : key->name), row->key);
}

static void
test_a_link_ends_with_its_time(void **state)
{
	const struct span query = SPAN("?" EXPIRES "&signature=" BY_NEW);
	const struct conf_secret *key;

	(void)state;
	assert_int_equal(signature_check(&keys, SPAN("/a file.txt"), query,
			     2000000000, &key),
	    SIGNATURE_EXPIRED);
	assert_non_null(key);
	assert_int_equal(
	    signature_check(&keys, SPAN("/a file.txt"), query, -1, &key),
	    SIGNATURE_GOOD);
}

static void
test_a_link_is_for_one_path(void **state)
{
	const struct span query = SPAN("?" EXPIRES "&signature=" BY_NEW);
	static const char *const paths[] = { "/", "/a file.tx", "/a file.txt/",
		"/a file.txt?expires=2" };
	const struct conf_secret *key;

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_int_equal(
		    signature_check(&keys, span_of(paths[i]), query, 1, &key),
		    SIGNATURE_WRONG);
}

/* Every byte of a signature counts, and so does its case. */
static void
test_no_other_signature_is_accepted(void **state)
{
	char query[] = "?" EXPIRES "&signature=" BY_NEW;
	size_t end = sizeof(query) - 1;
	const struct conf_secret *key;

	(void)state;
	for (size_t i = end - SIGNATURE_LEN; i < end; i++) {
		char before = query[i];

		for (int c = 1; c < 128; c++) {
			query[i] = (char)c;
			if (query[i] != before)
				assert_int_not_equal(
				    signature_check(&keys, SPAN("/a file.txt"),
					(struct span){ query, end }, 1, &key),
				    SIGNATURE_GOOD);
		}
		query[i] = before;
	}
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, queries, check_query);
	ROWS_TEST(&rows, test_a_link_ends_with_its_time);
	ROWS_TEST(&rows, test_a_link_is_for_one_path);
	ROWS_TEST(&rows, test_no_other_signature_is_accepted);
	return rows_run(&rows, "signature");
}
