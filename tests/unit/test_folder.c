/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT 300

struct fixture {
	char dir[32];
	int fd;
	struct folder folder;
	_Alignas(8) char buf[1024];
};

/* A folder of COUNT files whose names are their numbers. */
static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char name[16];

	if (f == NULL)
		return -1;
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/tined-fold-XXXXXX");
	if (mkdtemp(f->dir) == NULL)
		return -1;
	f->fd = open(f->dir, O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < COUNT; i++) {
		(void)snprintf(name, sizeof(name), "%d", i);
		(void)close(openat(f->fd, name, O_CREAT | O_WRONLY, 0600));
	}
	folder_init(&f->folder, open(f->dir, O_RDONLY | O_DIRECTORY), f->buf,
	    sizeof(f->buf));
	*state = f;
	return f->fd == -1 || f->folder.fd == -1 ? -1 : 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char name[16];

	folder_close(&f->folder);
	for (int i = 0; i < COUNT; i++) {
		(void)snprintf(name, sizeof(name), "%d", i);
		(void)unlinkat(f->fd, name, 0);
	}
	(void)unlinkat(f->fd, "sub", AT_REMOVEDIR);
	(void)close(f->fd);
	(void)rmdir(f->dir);
	free(f);
	return 0;
}

static void
test_every_name_comes_once(void **state)
{
	struct fixture *f = *state;
	bool seen[COUNT] = { false };
	const char *name;

	for (int i = 0; i < COUNT; i++) {
		int number;

		assert_int_equal(folder_next(&f->folder, &name), 1);
		number = atoi(name);
		assert_true(number >= 0 && number < COUNT);
		assert_false(seen[number]);
		seen[number] = true;
	}
	assert_int_equal(folder_next(&f->folder, &name), 0);
	assert_int_equal(folder_next(&f->folder, &name), 0);
}

static void
test_what_is_behind_a_name_is_told_and_a_link_not_followed(void **state)
{
	struct fixture *f = *state;
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
		{ .tv_sec = -1, .tv_nsec = 7 } };
	struct folder_stat st;
	int fd = openat(f->fd, "0", O_WRONLY);

	assert_int_equal(write(fd, "abc", 3), 3);
	assert_int_equal(futimens(fd, times), 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(folder_stat(&f->folder, "0", &st), 0);
	assert_true(S_ISREG(st.mode));
	assert_int_equal(st.size, 3);
	assert_int_equal(st.mtime_ns, -1000000000 + 7);

	assert_int_equal(unlinkat(f->fd, "1", 0), 0);
	assert_int_equal(symlinkat("0", f->fd, "1"), 0);
	assert_int_equal(folder_stat(&f->folder, "1", &st), 0);
	assert_true(S_ISLNK(st.mode));

	assert_int_equal(folder_stat(&f->folder, "none", &st), -1);
	assert_int_equal(errno, ENOENT);
}

static void
test_a_folder_that_is_removed_ends(void **state)
{
	struct fixture *f = *state;
	_Alignas(8) char buf[1024];
	struct folder folder;
	const char *name;

	assert_int_equal(mkdirat(f->fd, "sub", 0700), 0);
	folder_init(&folder, openat(f->fd, "sub", O_RDONLY | O_DIRECTORY), buf,
	    sizeof(buf));
	assert_int_equal(unlinkat(f->fd, "sub", AT_REMOVEDIR), 0);
	assert_int_equal(folder_next(&folder, &name), 0);
	folder_close(&folder);
	folder_close(&folder);
}

static void
test_what_is_no_folder_is_an_error(void **state)
{
	struct fixture *f = *state;
	_Alignas(8) char buf[1024];
	struct folder folder;
	const char *name;

	folder_init(&folder, openat(f->fd, "0", O_RDONLY), buf, sizeof(buf));
	assert_int_equal(folder_next(&folder, &name), -1);
	assert_int_equal(errno, ENOTDIR);
	folder_close(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_every_name_comes_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_what_is_behind_a_name_is_told_and_a_link_not_followed,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_folder_that_is_removed_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_what_is_no_folder_is_an_error, setup, teardown),
	};

	return cmocka_run_group_tests_name("folder", tests, NULL, NULL);
}
