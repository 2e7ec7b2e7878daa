/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/watch.h"

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

/* A watched scratch folder.  inotify queues an event before a call returns. */
struct fixture {
	char path[32];
	int dir_fd;
	int watch_fd;
	int number;
	struct watch_events events;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	(void)snprintf(f->path, sizeof(f->path), "/tmp/tined-watch-XXXXXX");
	if (mkdtemp(f->path) == NULL)
		return -1;
	f->dir_fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	f->watch_fd = watch_open();
	f->number = watch_add(f->watch_fd, f->dir_fd);
	*state = f;
	return f->number == -1 ? -1 : 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	(void)unlinkat(f->dir_fd, "file", 0);
	(void)unlinkat(f->dir_fd, "dir", AT_REMOVEDIR);
	(void)close(f->dir_fd);
	(void)close(f->watch_fd);
	(void)rmdir(f->path);
	free(f);
	return 0;
}

static void
make_file(struct fixture *f)
{
	int fd = openat(f->dir_fd, "file", O_WRONLY | O_CREAT, 0644);

	assert_int_not_equal(fd, -1);
	assert_int_equal(close(fd), 0);
}

static void
test_quiet_folder_has_no_events(void **state)
{
	struct fixture *f = *state;
	struct watch_event event;

	assert_false(watch_next(f->watch_fd, &f->events, &event));
}

static void
test_new_file_is_told(void **state)
{
	struct fixture *f = *state;
	struct watch_event event;

	make_file(f);
	assert_true(watch_next(f->watch_fd, &f->events, &event));
	assert_int_equal(event.number, f->number);
	assert_false(event.is_dir);
	assert_false(event.is_gone);
}

static void
test_new_folder_is_told_as_such(void **state)
{
	struct fixture *f = *state;
	struct watch_event event;

	assert_int_equal(mkdirat(f->dir_fd, "dir", 0755), 0);
	assert_true(watch_next(f->watch_fd, &f->events, &event));
	assert_true(event.is_dir);
}

static void
test_same_folder_has_the_same_number(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(watch_add(f->watch_fd, f->dir_fd), f->number);
}

static void
test_removed_folder_is_gone(void **state)
{
	struct fixture *f = *state;
	struct watch_event event = { .is_gone = false };

	assert_int_equal(rmdir(f->path), 0);
	/* Only its last descriptor keeps the inode. */
	assert_int_equal(close(f->dir_fd), 0);
	while (!event.is_gone)
		assert_true(watch_next(f->watch_fd, &f->events, &event));
	assert_int_equal(event.number, f->number);
}

static void
test_more_events_than_one_read_holds_are_all_told(void **state)
{
	struct fixture *f = *state;
	struct watch_event event;
	unsigned n = 0;

	for (int i = 0; i < 200; i++) {
		make_file(f);
		assert_int_equal(unlinkat(f->dir_fd, "file", 0), 0);
	}
	while (watch_next(f->watch_fd, &f->events, &event))
		n++;
	assert_true(n >= 400);
}

static void
test_local_file_systems_tell_all(void **state)
{
	struct fixture *f = *state;

	assert_true(watch_sees_all(f->dir_fd));
	assert_false(watch_sees_all(-1));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_quiet_folder_has_no_events),
		TEST(test_new_file_is_told),
		TEST(test_new_folder_is_told_as_such),
		TEST(test_same_folder_has_the_same_number),
		TEST(test_removed_folder_is_gone),
		TEST(test_more_events_than_one_read_holds_are_all_told),
		TEST(test_local_file_systems_tell_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
