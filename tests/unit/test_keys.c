/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/item.h"
#include "conf/reader.h"
#include "conf/value.h"

/* Large enough for the struct of any section. */
union section_values {
	struct conf_server server;
	struct conf_listen listen;
	struct conf_timeouts timeouts;
	struct conf_limits limits;
	struct conf_site site;
	struct conf_match match;
	struct conf_error_log error_log;
	struct conf_access_log access_log;
};

typedef void check_row(
    const struct key_section *section, const struct key *key);

static void
for_every_row(check_row *check)
{
	for (unsigned i = 0; i < keys_nsections; i++)
		for (unsigned j = 0; j < keys_sections[i].nkeys; j++)
			check(&keys_sections[i], &keys_sections[i].keys[j]);
}

static const char *
read_text(const struct key *key, union section_values *values,
    struct store *store, const char *text)
{
	struct span rest = span_of(text), word;
	const char *what = NULL;

	if (!keys_is_list(key))
		return value_parse(key, values, rest, store);
	while (what == NULL && item_next(key, &rest, &word)) {
		what = item_check(key, word);
		item_append(
		    key, values, word, (struct conf_origin){ 0 }, store);
	}
	return what;
}

static void
check_default(const struct key_section *section, const struct key *key)
{
	union section_values values = { 0 };
	struct store store = { 0 };
	char out[VALUE_TEXT];

	if (key->def == NULL || keys_is_pairs(key))
		return;
	if (read_text(key, &values, &store, key->def) != NULL)
		fail_msg("%s.%s: %s", section->name, key->name, key->def);
	if (!keys_is_list(key))
		assert_string_equal(value_text(key, &values, out), key->def);
	store_fini(&store);
}

static void
test_every_default_is_allowed_and_in_its_shortest_form(void **state)
{
	(void)state;
	for_every_row(check_default);
}

static void
check_example(const struct key_section *section, const struct key *key)
{
	union section_values values = { 0 };
	struct store store = { 0 };

	/* What has no default needs an example, for the sample file. */
	if (key->def == NULL || key->def[0] == '\0')
		assert_non_null(key->example);
	if (key->example == NULL || keys_is_pairs(key))
		return;
	if (read_text(key, &values, &store, key->example) != NULL)
		fail_msg("%s.%s: %s", section->name, key->name, key->example);
	store_fini(&store);
}

static void
test_every_example_is_allowed(void **state)
{
	(void)state;
	for_every_row(check_example);
}

static void
check_limits(const struct key_section *section, const struct key *key)
{
	union section_values values = { 0 };
	struct store store = { 0 };
	struct key number = *key;
	char out[VALUE_TEXT];

	if (key->max == 0 || keys_form(key) == KEY_FORM_STRING)
		return;
	assert_true(key->min <= key->max);
	/* The greatest value, and one more. */
	number.words = NULL;
	memcpy(value_field(key, &values), &key->max, sizeof(key->max));
	if (read_text(key, &values, &store,
		value_text(&number, &values, out)) != NULL)
		fail_msg("%s.%s: %s", section->name, key->name, out);
	number.max++;
	memcpy(value_field(key, &values), &number.max, sizeof(number.max));
	(void)value_text(&number, &values, out);
	if (key->type == KEY_DURATION)
		snprintf(
		    out, sizeof(out), "%llums", (unsigned long long)number.max);
	assert_string_equal(
	    read_text(key, &values, &store, out), "out of range");
	store_fini(&store);
}

static void
test_numbers_are_allowed_up_to_their_maximum(void **state)
{
	(void)state;
	for_every_row(check_limits);
}

static void
check_names(const struct key_section *section, const struct key *key)
{
	if (keys_is_pairs(key))
		return;
	assert_ptr_equal(keys_find(section, span_of(key->name)), key);
	assert_true(strlen(section->name) <= READER_SECTION_MAX);
	assert_int_equal(strspn(key->name, "abcdefghijklmnopqrstuvwxyz_0123456"
					   "789"),
	    strlen(key->name));
}

static void
test_every_key_is_found_by_its_name(void **state)
{
	(void)state;
	for_every_row(check_names);
	for (unsigned i = 0; i < keys_nsections; i++)
		assert_ptr_equal(keys_section(span_of(keys_sections[i].name)),
		    &keys_sections[i]);
	assert_null(keys_section(SPAN("serve")));
	assert_null(keys_section(SPAN("Server")));
	assert_null(keys_find(keys_section(SPAN("server")), SPAN("root")));
}

static void
test_a_key_knows_the_section_that_it_belongs_to(void **state)
{
	(void)state;
	assert_ptr_equal(keys_owner(SPAN("root")), keys_section(SPAN("site")));
	assert_ptr_equal(
	    keys_owner(SPAN("workers")), keys_section(SPAN("server")));
	assert_null(keys_owner(SPAN("html")));
}

static void
test_an_old_name_leads_to_a_single_value(void **state)
{
	(void)state;
	for (unsigned i = 0; i < keys_nmoved; i++) {
		const struct key_moved *moved = &keys_moved[i];
		const struct key_section *old =
		    keys_section(span_of(moved->section));
		const struct key_section *new =
		    keys_section(span_of(moved->new_section));
		const struct key *key;

		assert_ptr_equal(
		    keys_find_moved(old, span_of(moved->name)), moved);
		assert_null(keys_find(old, span_of(moved->name)));
		assert_false(new->many);
		key = keys_find(new, span_of(moved->new_name));
		assert_non_null(key);
		assert_false(keys_is_list(key));
	}
	assert_null(
	    keys_find_moved(keys_section(SPAN("server")), SPAN("user")));
}

static void
check_text(const struct key_section *section, const struct key *key)
{
	size_t len = strlen(key->text);

	(void)section;
	assert_true(len > 10);
	assert_int_equal(key->text[len - 1], '.');
	/* Neither mdoc nor a comment of the sample file needs escapes. */
	assert_null(strpbrk(key->text, "\\\"\n;"));
	assert_null(strstr(key->text, "  "));
}

static void
test_every_key_has_a_text_of_whole_sentences(void **state)
{
	(void)state;
	for_every_row(check_text);
}

static void
test_any_ending_is_a_key_of_mime(void **state)
{
	const struct key_section *mime = keys_section(SPAN("mime"));

	(void)state;
	assert_int_equal(keys_find(mime, SPAN("tar.gz"))->type, KEY_MEDIA_TYPE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_every_default_is_allowed_and_in_its_shortest_form),
		cmocka_unit_test(test_every_example_is_allowed),
		cmocka_unit_test(test_numbers_are_allowed_up_to_their_maximum),
		cmocka_unit_test(test_every_key_is_found_by_its_name),
		cmocka_unit_test(
		    test_a_key_knows_the_section_that_it_belongs_to),
		cmocka_unit_test(test_an_old_name_leads_to_a_single_value),
		cmocka_unit_test(test_every_key_has_a_text_of_whole_sentences),
		cmocka_unit_test(test_any_ending_is_a_key_of_mime),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
