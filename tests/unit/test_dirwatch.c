/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/dirwatch.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/beneath.h"

/* Most events that the kernel keeps, where it says so; see inotify(7). */
#define QUEUE "/proc/sys/fs/inotify/max_queued_events"

static const struct conf_site conf = { .symlinks = BENEATH_WITHIN };

/* A root with the folder /dir/ and the file /file. */
struct fixture {
	char dir[32];
	struct site site;
	struct dirwatch watch;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int root_fd, fd;

	if (f == NULL)
		return -1;
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/tined-watch-XXXXXX");
	if (mkdtemp(f->dir) == NULL)
		return -1;
	root_fd = beneath_open_root(f->dir);
	if (root_fd == -1 || mkdirat(root_fd, "dir", 0755) == -1)
		return -1;
	fd = openat(root_fd, "file", O_WRONLY | O_CREAT, 0644);
	if (fd == -1 || close(fd) == -1)
		return -1;
	*state = f;
	return site_init(&f->site, &conf, root_fd);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char command[64];

	dirwatch_fini(&f->watch);
	(void)close(f->site.root_fd);
	site_fini(&f->site);
	(void)snprintf(command, sizeof(command), "rm -r %s", f->dir);
	free(f);
	return system(command);
}

static struct dirwatch_stamp
stamp_of(struct fixture *f, const char *path)
{
	return dirwatch_stamp(&f->watch, &f->site, span_of(path));
}

static bool
is_watched(struct fixture *f, const char *path)
{
	const struct dirwatch_stamp stamp = stamp_of(f, path);

	assert_int_equal(
	    dirwatch_is_current(&f->watch, &stamp), stamp.dir != NULL);
	return stamp.dir != NULL;
}

static void
touch(const struct fixture *f, const char *name, mode_t mode)
{
	assert_int_equal(fchmodat(f->site.root_fd, name, mode, 0), 0);
}

static void
test_a_folder_is_watched_as_long_as_there_is_room(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(dirwatch_init(&f->watch, 1), 0);
	assert_true(is_watched(f, "/file"));
	assert_true(is_watched(f, "/none"));
	assert_false(is_watched(f, "/dir/file"));
	assert_true(is_watched(f, "/file"));
}

static void
test_what_is_no_folder_is_not_watched(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(dirwatch_init(&f->watch, 16), 0);
	assert_false(is_watched(f, "/none/x"));
	assert_false(is_watched(f, "/file/x"));
	assert_true(is_watched(f, "/dir/x"));
}

static void
test_a_folder_behind_a_long_path_is_not_watched(void **state)
{
	struct fixture *f = *state;
	char name[DIRWATCH_PATH_BYTES + 2];

	assert_int_equal(dirwatch_init(&f->watch, 16), 0);
	memset(name, 'a', sizeof(name));
	name[0] = '/';
	/* The longest folder has a slash at both ends and a NUL behind. */
	for (size_t len = DIRWATCH_PATH_BYTES - 3;
	     len <= DIRWATCH_PATH_BYTES - 2; len++) {
		name[len + 1] = '\0';
		assert_int_equal(mkdirat(f->site.root_fd, name + 1, 0755), 0);
		(void)strcpy(name + len + 1, "/");
		assert_int_equal(
		    is_watched(f, name), len == DIRWATCH_PATH_BYTES - 3);
		name[len + 1] = 'a';
	}
}

static void
test_without_room_or_inotify_nothing_is_watched(void **state)
{
	struct fixture *f = *state;
	int fd;

	assert_int_equal(dirwatch_init(&f->watch, 0), 0);
	assert_false(is_watched(f, "/file"));
	dirwatch_fini(&f->watch);
	/* As when the user may not have one more watch. */
	assert_int_equal(dirwatch_init(&f->watch, 16), 0);
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_not_equal(fd, -1);
	assert_int_equal(dup2(fd, f->watch.fd), f->watch.fd);
	assert_int_equal(close(fd), 0);
	assert_false(is_watched(f, "/file"));
}

static void
test_a_change_is_for_the_folder_alone(void **state)
{
	struct fixture *f = *state;
	struct dirwatch_stamp root, dir;

	assert_int_equal(dirwatch_init(&f->watch, 16), 0);
	root = stamp_of(f, "/file");
	dir = stamp_of(f, "/dir/x");
	touch(f, "file", 0600);
	dirwatch_read(&f->watch);
	assert_false(dirwatch_is_current(&f->watch, &root));
	assert_true(dirwatch_is_current(&f->watch, &dir));
}

/* Nobody knows what was in the events that did not fit. */
static void
test_after_too_many_events_nothing_is_current(void **state)
{
	struct fixture *f = *state;
	struct dirwatch_stamp dir;
	unsigned long nevents = 0;
	FILE *file = fopen(QUEUE, "r");

	if (file != NULL) {
		assert_int_equal(fscanf(file, "%lu", &nevents), 1);
		assert_int_equal(fclose(file), 0);
	}
	if (nevents == 0 || nevents > 1000000)
		nevents = 16384;
	assert_int_equal(dirwatch_init(&f->watch, 16), 0);
	dir = stamp_of(f, "/dir/x");
	(void)stamp_of(f, "/file");
	assert_true(dirwatch_is_current(&f->watch, &dir));
	/* Two events that are the same become one. */
	for (unsigned long i = 0; i <= nevents; i++) {
		touch(f, "file", 0600);
		touch(f, "dir", 0700);
	}
	dirwatch_read(&f->watch);
	assert_false(dirwatch_is_current(&f->watch, &dir));
	dir = stamp_of(f, "/dir/x");
	assert_true(dirwatch_is_current(&f->watch, &dir));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_folder_is_watched_as_long_as_there_is_room),
		TEST(test_what_is_no_folder_is_not_watched),
		TEST(test_a_folder_behind_a_long_path_is_not_watched),
		TEST(test_without_room_or_inotify_nothing_is_watched),
		TEST(test_a_change_is_for_the_folder_alone),
		TEST(test_after_too_many_events_nothing_is_current),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
