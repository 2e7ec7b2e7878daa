/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/sources.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf/conf.h"

static char dir[64];
static struct sources sources;

static int
setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/test_sources.XXXXXX");
	return mkdtemp(dir) == NULL ? -1 : chdir(dir);
}

static int
teardown(void **state)
{
	char command[128];

	(void)state;
	sources_fini(&sources);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) == 0 && chdir("/") == 0 ? 0 : -1;
}

/* Writes a file whose time is that of the n-th second. */
static void
write_file(const char *name, const char *text, unsigned n)
{
	const struct timeval times[2] = { { 1000000000 + n, 0 },
		{ 1000000000 + n, 0 } };
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_int_not_equal(fputs(text, file), EOF);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(utimes(name, times), 0);
}

static void
add_file(const char *name)
{
	struct stat st;

	assert_int_equal(stat(name, &st), 0);
	sources_add_file(&sources, name, &st);
}

static void
assert_look(enum sources_state state, const char *path)
{
	const char *found;

	assert_int_equal(sources_look(&sources, &found), state);
	if (path == NULL)
		assert_null(found);
	else
		assert_string_equal(found, path);
}

static void
test_nothing_changed(void **state)
{
	(void)state;
	assert_look(SOURCES_SAME, NULL);
	write_file("a", "x", 0);
	add_file("a");
	sources_add_file(&sources, "missing", NULL);
	sources_add_pattern(&sources, "*.ini");
	assert_look(SOURCES_SAME, NULL);
	assert_look(SOURCES_SAME, NULL);
}

static void
test_a_change_counts_when_it_is_over(void **state)
{
	(void)state;
	write_file("a", "x", 0);
	write_file("b", "x", 0);
	add_file("a");
	add_file("b");
	write_file("b", "y", 1);
	assert_look(SOURCES_CHANGING, "b");
	write_file("b", "yy", 1);
	assert_look(SOURCES_CHANGING, "b");
	assert_look(SOURCES_CHANGED, "b");
	assert_look(SOURCES_CHANGED, "b");
	write_file("a", "y", 1);
	assert_look(SOURCES_CHANGING, "a");
	assert_look(SOURCES_CHANGED, "a");
}

static void
test_what_is_as_before_has_not_changed(void **state)
{
	(void)state;
	write_file("a", "x", 0);
	add_file("a");
	write_file("a", "y", 1);
	assert_look(SOURCES_CHANGING, "a");
	write_file("a", "x", 0);
	assert_look(SOURCES_SAME, NULL);
}

static void
test_another_file_of_the_same_name_is_a_change(void **state)
{
	(void)state;
	write_file("a", "x", 0);
	write_file("new", "x", 0);
	add_file("a");
	assert_int_equal(rename("new", "a"), 0);
	assert_look(SOURCES_CHANGING, "a");
}

static void
test_a_link_that_was_switched_is_a_change(void **state)
{
	(void)state;
	assert_int_equal(mkdir("v1", 0755), 0);
	assert_int_equal(mkdir("v2", 0755), 0);
	write_file("v1/a", "x", 0);
	write_file("v2/a", "x", 0);
	assert_int_equal(symlink("v1", "data"), 0);
	assert_int_equal(symlink("data/a", "a"), 0);
	add_file("a");
	assert_int_equal(symlink("v2", "next"), 0);
	assert_look(SOURCES_SAME, NULL);
	assert_int_equal(rename("next", "data"), 0);
	assert_look(SOURCES_CHANGING, "a");
	assert_look(SOURCES_CHANGED, "a");
}

static void
test_files_that_come_and_go_are_changes(void **state)
{
	(void)state;
	write_file("a", "x", 0);
	add_file("a");
	sources_add_file(&sources, "b", NULL);
	write_file("b", "x", 0);
	assert_look(SOURCES_CHANGING, "b");
	assert_int_equal(unlink("b"), 0);
	assert_look(SOURCES_SAME, NULL);
	assert_int_equal(unlink("a"), 0);
	assert_look(SOURCES_CHANGING, "a");
	assert_look(SOURCES_CHANGED, "a");
}

static void
test_rights_are_a_change(void **state)
{
	(void)state;
	write_file("a", "x", 0);
	add_file("a");
	assert_int_equal(chmod("a", 0600), 0);
	assert_look(SOURCES_CHANGING, "a");
}

static void
test_a_pattern_has_changed_when_its_names_have(void **state)
{
	(void)state;
	write_file("a.ini", "x", 0);
	sources_add_pattern(&sources, "*.ini");
	write_file("b.txt", "x", 0);
	assert_look(SOURCES_SAME, NULL);
	write_file("b.ini", "x", 0);
	assert_look(SOURCES_CHANGING, "*.ini");
	assert_look(SOURCES_CHANGED, "*.ini");
	assert_int_equal(rename("b.ini", "c.ini"), 0);
	assert_look(SOURCES_CHANGING, "*.ini");
	assert_int_equal(unlink("c.ini"), 0);
	assert_look(SOURCES_SAME, NULL);
}

static void
test_loading_remembers_all_that_it_tried(void **state)
{
	struct conf_errors errors = { 0 };

	(void)state;
	write_file("main", "include = conf.d/*.ini\ninclude = nowhere\n?\n", 0);
	assert_int_equal(mkdir("conf.d", 0755), 0);
	write_file("conf.d/a.ini", "[server]\n", 0);
	assert_null(conf_load_watched("main", NULL, &sources, &errors));
	conf_errors_fini(&errors);
	assert_int_equal(sources.nfiles, 3);
	assert_int_equal(sources.npatterns, 1);
	assert_string_equal(sources.files[0].path, "main");
	assert_string_equal(sources.files[1].path, "conf.d/a.ini");
	assert_string_equal(sources.files[2].path, "nowhere");
	assert_look(SOURCES_SAME, NULL);
	write_file("nowhere", "", 0);
	assert_look(SOURCES_CHANGING, "nowhere");
	/* What is no file is not looked at. */
	sources_fini(&sources);
	assert_null(conf_load_watched("/dev/null", NULL, &sources, &errors));
	conf_errors_fini(&errors);
	assert_int_equal(sources.nfiles, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_changed),
		TEST(a_change_counts_when_it_is_over),
		TEST(what_is_as_before_has_not_changed),
		TEST(another_file_of_the_same_name_is_a_change),
		TEST(a_link_that_was_switched_is_a_change),
		TEST(files_that_come_and_go_are_changes),
		TEST(rights_are_a_change),
		TEST(a_pattern_has_changed_when_its_names_have),
		TEST(loading_remembers_all_that_it_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
