/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/record.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const options[] = { "listen.address=127.0.0.1:80",
	"site.root=/srv", "site:b.root=/b", "site:b.hosts=x y", "mime.foo=a/b",
	"access_log.path=/log" };
static const struct conf_overrides overrides = { NULL, options, 6 };

static int memory_fd;

static int
setup(void **state)
{
	(void)state;
	memory_fd = memfd_create("test_record", MFD_CLOEXEC);
	return memory_fd == -1 ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	return close(memory_fd);
}

static struct conf *
load(void)
{
	struct conf_errors errors = { 0 };
	struct conf *conf = conf_load("/dev/null", &overrides, &errors);

	if (conf == NULL)
		fail_msg("%s", errors.lines[0]);
	return conf;
}

/* The value of the n-th record of a key; NULL when there is none. */
static const struct record *
find(const struct records *records, const char *section, const char *name,
    const char *key, unsigned n)
{
	const struct record wanted = { section, name, key, "", "" };

	for (unsigned i = 0; i < records->n; i++)
		if (record_is_same_key(&records->items[i], &wanted) && n-- == 0)
			return &records->items[i];
	return NULL;
}

static void
test_every_value_has_a_record(void **state)
{
	struct conf *conf = load();
	struct records records;

	(void)state;
	assert_int_equal(records_of_conf(&records, conf), 0);
	conf_free(&conf); /* nothing is borrowed from it */
	assert_string_equal(
	    find(&records, "server", "", "workers", 0)->value, "auto");
	assert_string_equal(
	    find(&records, "server", "", "workers", 0)->origin, "default");
	assert_string_equal(find(&records, "server", "", "", 0)->value, "");
	assert_string_equal(find(&records, "site", "", "hosts", 0)->value, "");
	assert_null(find(&records, "site", "", "hosts", 1));
	assert_string_equal(find(&records, "site", "b", "", 0)->origin, "-o");
	assert_string_equal(
	    find(&records, "site", "b", "hosts", 1)->value, "y");
	assert_string_equal(
	    find(&records, "site", "b", "hosts", 1)->origin, "-o");
	assert_string_equal(find(&records, "mime", "", "foo", 0)->value, "a/b");
	assert_true(record_is_list(find(&records, "site", "", "hosts", 0)));
	assert_false(record_is_list(find(&records, "site", "", "root", 0)));
	assert_false(record_is_list(find(&records, "mime", "", "foo", 0)));
	records_fini(&records);
}

static void
test_what_is_written_can_be_read_elsewhere(void **state)
{
	struct conf *conf = load();
	struct records here, there;
	FILE *out = fdopen(dup(memory_fd), "w");

	(void)state;
	assert_non_null(out);
	records_write_conf(out, conf);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(records_of_conf(&here, conf), 0);
	assert_int_equal(records_read(&there, memory_fd), 0);
	assert_int_equal(here.n, there.n);
	for (unsigned i = 0; i < here.n; i++) {
		assert_true(
		    record_is_same_key(&here.items[i], &there.items[i]));
		assert_string_equal(here.items[i].value, there.items[i].value);
		assert_string_equal(
		    here.items[i].origin, there.items[i].origin);
	}
	records_fini(&here);
	records_fini(&there);
	conf_free(&conf);
}

static void
test_something_else_is_refused(void **state)
{
	static const char text[] = "a\0b\0c\0d\0e\0f\0g";
	struct records records;

	(void)state;
	/* Whole records only; nothing at all is none. */
	for (size_t len = 0; len < sizeof(text); len++) {
		assert_int_equal(ftruncate(memory_fd, 0), 0);
		assert_int_equal(pwrite(memory_fd, text, len, 0), len);
		if (len == 0 || len == 10) {
			assert_int_equal(records_read(&records, memory_fd), 0);
			assert_int_equal(records.n, len / 10);
			records_fini(&records);
			continue;
		}
		assert_int_equal(records_read(&records, memory_fd), -1);
		assert_int_equal(errno, EBADMSG);
		assert_int_equal(records.n, 0);
	}
	assert_int_equal(records_read(&records, -1), -1);
	assert_int_equal(errno, EBADF);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_value_has_a_record),
		TEST(what_is_written_can_be_read_elsewhere),
		TEST(something_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
