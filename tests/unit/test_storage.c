/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/storage.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define FILE_BYTES 300000

struct fixture {
	int fd;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char name[] = "/var/tmp/tined-storage-XXXXXX";
	char bytes[1000];

	if (f == NULL)
		return -1;
	f->fd = mkstemp(name);
	if (f->fd == -1)
		return -1;
	(void)unlink(name);
	for (int i = 0; i < FILE_BYTES / 1000; i++) {
		memset(bytes, 'a' + i % 26, sizeof(bytes));
		if (write(f->fd, bytes, sizeof(bytes)) != sizeof(bytes))
			return -1;
	}
	*state = f;
	return fsync(f->fd);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	(void)close(f->fd);
	free(f);
	return 0;
}

static void
test_memory_is_no_disk(void **state)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	(void)state;
	assert_true(fd != -1);
	assert_int_equal(storage_of(fd), STORAGE_MEMORY);
	assert_string_equal(storage_name(fd), "");
	(void)close(fd);
}

static void
test_what_cannot_be_asked_is_a_disk(void **state)
{
	(void)state;
	assert_int_equal(storage_of(-1), STORAGE_DISK);
	assert_string_equal(storage_name(-1), "");
}

/* True where the file system tells what is in memory. */
static bool
tells(const struct fixture *f)
{
	return storage_look(f->fd, 0, FILE_BYTES) != STORAGE_UNKNOWN;
}

static void
test_what_was_written_is_in_memory(void **state)
{
	struct fixture *f = *state;

	if (tells(f))
		assert_int_equal(
		    storage_look(f->fd, 0, FILE_BYTES), STORAGE_RESIDENT);
}

static void
test_what_was_given_up_is_cold_until_it_is_warmed(void **state)
{
	struct fixture *f = *state;

	if (!tells(f))
		return;
	assert_int_equal(posix_fadvise(f->fd, 0, 0, POSIX_FADV_DONTNEED), 0);
	assert_int_equal(storage_look(f->fd, 0, FILE_BYTES), STORAGE_COLD);
	assert_int_equal(storage_warm(f->fd, 0, FILE_BYTES), FILE_BYTES);
	assert_int_equal(storage_look(f->fd, 0, FILE_BYTES), STORAGE_RESIDENT);
}

static void
test_one_cold_window_makes_all_of_it_cold(void **state)
{
	struct fixture *f = *state;

	if (!tells(f))
		return;
	assert_int_equal(
	    posix_fadvise(f->fd, 131072, 131072, POSIX_FADV_DONTNEED), 0);
	assert_int_equal(storage_look(f->fd, 0, FILE_BYTES), STORAGE_COLD);
	assert_int_equal(storage_look(f->fd, 0, 1000), STORAGE_RESIDENT);
}

static void
test_behind_the_end_nothing_has_to_be_read(void **state)
{
	struct fixture *f = *state;

	if (tells(f))
		assert_int_equal(
		    storage_look(f->fd, FILE_BYTES, 4096), STORAGE_RESIDENT);
}

static void
test_warming_ends_with_the_file(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(storage_warm(f->fd, FILE_BYTES - 10, 4096), 10);
	assert_int_equal(storage_warm(f->fd, FILE_BYTES + 10, 4096), 0);
	assert_int_equal(storage_warm(-1, 0, 10), -1);
	assert_int_equal(errno, EBADF);
}

static void
test_reading_is_whole_or_to_the_end(void **state)
{
	struct fixture *f = *state;
	char bytes[2000];

	assert_int_equal(storage_read(f->fd, bytes, 999, 2), 2);
	assert_memory_equal(bytes, "ab", 2);
	assert_int_equal(
	    storage_read(f->fd, bytes, FILE_BYTES - 5, sizeof(bytes)), 5);
	assert_int_equal(
	    storage_read(f->fd, bytes, FILE_BYTES, sizeof(bytes)), 0);
	assert_int_equal(storage_read(-1, bytes, 0, 1), -1);
	assert_int_equal(errno, EBADF);
}

static void
test_reading_now_gives_nothing_of_what_is_cold(void **state)
{
	struct fixture *f = *state;
	char bytes[100];

	if (!tells(f))
		return;
	assert_int_equal(storage_read_now(f->fd, bytes, 0, 100), 100);
	assert_int_equal(posix_fadvise(f->fd, 0, 0, POSIX_FADV_DONTNEED), 0);
	assert_int_equal(storage_read_now(f->fd, bytes, 0, 100), -1);
	assert_int_equal(errno, EAGAIN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_is_no_disk),
		cmocka_unit_test(test_what_cannot_be_asked_is_a_disk),
		cmocka_unit_test_setup_teardown(
		    test_what_was_written_is_in_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_what_was_given_up_is_cold_until_it_is_warmed, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_one_cold_window_makes_all_of_it_cold, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_behind_the_end_nothing_has_to_be_read, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_warming_ends_with_the_file, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_reading_is_whole_or_to_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_reading_now_gives_nothing_of_what_is_cold, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
