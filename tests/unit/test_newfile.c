/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/newfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rows.h"

static char dir[] = "/tmp/tined-newfile-XXXXXX";
static int dir_fd;

/* Entries of the folder, dotfiles included. */
static unsigned
count_files(void)
{
	DIR *stream = opendir(dir);
	unsigned n = 0;

	assert_non_null(stream);
	while (readdir(stream) != NULL)
		n++;
	assert_int_equal(closedir(stream), 0);
	return n - 2;
}

static void
assert_content(const char *name, const char *want)
{
	char text[32];
	int fd = openat(dir_fd, name, O_RDONLY);
	ssize_t n;

	assert_int_not_equal(fd, -1);
	n = read(fd, text, sizeof(text));
	assert_int_equal(n, strlen(want));
	assert_memory_equal(text, want, (size_t)n);
	assert_int_equal(close(fd), 0);
}

static void
put(const char *name, const char *text)
{
	struct newfile newfile;

	assert_int_equal(newfile_open(&newfile, dir_fd), 0);
	assert_int_equal(write(newfile.fd, text, strlen(text)), strlen(text));
	assert_int_equal(newfile_put(&newfile, name), 0);
	assert_int_equal(newfile.fd, -1);
}

static void
test_a_file_has_its_name_when_it_is_whole(void **state)
{
	struct newfile newfile;

	(void)state;
	assert_int_equal(newfile_open(&newfile, dir_fd), 0);
	assert_int_equal(write(newfile.fd, "one", 3), 3);
	assert_int_equal(faccessat(dir_fd, "a", F_OK, 0), -1);
	assert_int_equal(newfile_put(&newfile, "a"), 0);
	assert_content("a", "one");
	assert_int_equal(count_files(), 1);
	assert_int_equal(unlinkat(dir_fd, "a", 0), 0);
}

static void
test_an_old_one_is_replaced_in_one_step(void **state)
{
	int old;
	char byte;

	(void)state;
	put("a", "one");
	old = openat(dir_fd, "a", O_RDONLY);
	put("a", "two");
	assert_content("a", "two");
	/* Who had it open still reads the old one. */
	assert_int_equal(read(old, &byte, 1), 1);
	assert_int_equal(byte, 'o');
	assert_int_equal(close(old), 0);
	assert_int_equal(count_files(), 1);
	assert_int_equal(unlinkat(dir_fd, "a", 0), 0);
}

static void
test_what_is_dropped_leaves_no_trace(void **state)
{
	struct newfile newfile;

	(void)state;
	assert_int_equal(newfile_open(&newfile, dir_fd), 0);
	newfile_drop(&newfile);
	assert_int_equal(count_files(), 0);
	newfile_drop(&newfile);
}

static void
test_a_name_that_cannot_be_leaves_no_trace(void **state)
{
	struct newfile newfile;

	(void)state;
	assert_int_equal(mkdirat(dir_fd, "a", 0700), 0);
	assert_int_equal(newfile_open(&newfile, dir_fd), 0);
	assert_int_equal(newfile_put(&newfile, "a"), -1);
	assert_int_equal(errno, EISDIR);
	assert_int_equal(count_files(), 1);
	assert_int_equal(unlinkat(dir_fd, "a", AT_REMOVEDIR), 0);
}

/* As on a file system that knows no file without a name. */
static void
test_one_with_a_name_from_the_beginning(void **state)
{
	struct newfile newfile = { .dir_fd = dir_fd,
		.temporary = NEWFILE_PREFIX "0" };

	(void)state;
	newfile.fd = openat(
	    dir_fd, newfile.temporary, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_int_not_equal(newfile.fd, -1);
	assert_int_equal(newfile_put(&newfile, "a"), 0);
	assert_int_equal(count_files(), 1);
	assert_content("a", "");

	newfile = (struct newfile){ .dir_fd = dir_fd,
		.temporary = NEWFILE_PREFIX "1" };
	newfile.fd = openat(
	    dir_fd, newfile.temporary, O_WRONLY | O_CREAT | O_EXCL, 0600);
	newfile_drop(&newfile);
	assert_int_equal(count_files(), 1);
	assert_int_equal(unlinkat(dir_fd, "a", 0), 0);
}

int
main(void)
{
	static struct rows rows;
	int failed;

	if (mkdtemp(dir) == NULL)
		return 1;
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY);
	ROWS_TEST(&rows, test_a_file_has_its_name_when_it_is_whole);
	ROWS_TEST(&rows, test_an_old_one_is_replaced_in_one_step);
	ROWS_TEST(&rows, test_what_is_dropped_leaves_no_trace);
	ROWS_TEST(&rows, test_a_name_that_cannot_be_leaves_no_trace);
	ROWS_TEST(&rows, test_one_with_a_name_from_the_beginning);
	failed = rows_run(&rows, "newfile");
	(void)close(dir_fd);
	(void)rmdir(dir);
	return failed;
}
