/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/file.h"

#include <errno.h>
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

#define NOW 2000000000

/* A root in a scratch folder, and a store to open its files with. */
struct fixture {
	char dir[32];
	struct conf_site conf;
	struct site site;
	struct mime_map mime;
	struct files files;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/tined-file-XXXXXX");
	if (mkdtemp(f->dir) == NULL)
		return -1;
	f->conf.symlinks = BENEATH_WITHIN;
	f->site.conf = &f->conf;
	f->site.root_fd = beneath_open_root(f->dir);
	files_init(&f->files, &f->mime, 4);
	*state = f;
	return f->site.root_fd == -1 ? -1 : 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	static const char *names[] = { "a.html", "fifo" };

	files_fini(&f->files);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlinkat(f->site.root_fd, names[i], 0);
	(void)unlinkat(f->site.root_fd, "dir", AT_REMOVEDIR);
	(void)close(f->site.root_fd);
	(void)rmdir(f->dir);
	free(f);
	return 0;
}

static void
make_file(const struct fixture *f, const char *name, const char *text,
    time_t mtime_s, long mtime_ns)
{
	const struct timespec times[2] = {
		{ .tv_nsec = UTIME_OMIT },
		{ .tv_sec = mtime_s, .tv_nsec = mtime_ns },
	};
	int fd =
	    openat(f->site.root_fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(futimens(fd, times), 0);
	assert_int_equal(close(fd), 0);
}

static void
assert_span(struct span span, const char *text)
{
	if (!span_equal(span, span_of(text)))
		fail_msg(
		    "\"%.*s\" is not \"%s\"", (int)span.len, span.ptr, text);
}

static void
test_file_has_its_fields_ready(void **state)
{
	struct fixture *f = *state;
	struct file *file;

	/* 1000000000000000001 and 5 in base 36. */
	make_file(f, "a.html", "hello", 1000000000, 1);
	file = file_open(&f->files, &f->site, SPAN("/a.html"), NOW);
	assert_non_null(file);
	assert_int_equal(file->size, 5);
	assert_span(file->type, "text/html; charset=utf-8");
	assert_span(file->validators.etag, "\"7lieexzx4kxt-5\"");
	assert_span(file->fields,
	    "ETag: \"7lieexzx4kxt-5\"\r\n"
	    "Last-Modified: Sun, 09 Sep 2001 01:46:40 GMT\r\n"
	    "Accept-Ranges: bytes\r\n");
	assert_span(file->fields_304, "ETag: \"7lieexzx4kxt-5\"\r\n");
	assert_true(file->validators.has_last_modified);
	assert_int_equal(file->validators.last_modified, 1000000000);
	file_put(&f->files, &file);
	assert_null(file);
}

static void
test_meaningless_mtime_gives_no_validators(void **state)
{
	struct fixture *f = *state;
	const time_t mtimes[] = { 0, 1, NOW + 1 };

	for (size_t i = 0; i < sizeof(mtimes) / sizeof(mtimes[0]); i++) {
		struct file *file;

		make_file(f, "a.html", "x", mtimes[i], 0);
		file = file_open(&f->files, &f->site, SPAN("/a.html"), NOW);
		assert_non_null(file);
		assert_span(file->fields, "Accept-Ranges: bytes\r\n");
		assert_int_equal(file->fields_304.len, 0);
		assert_null(file->validators.etag.ptr);
		assert_false(file->validators.has_last_modified);
		file_put(&f->files, &file);
	}
}

static void
test_etag_sees_an_edit_in_the_same_second(void **state)
{
	struct fixture *f = *state;
	char first[64];
	struct file *file;
	size_t len;

	make_file(f, "a.html", "one", 1000000000, 5);
	file = file_open(&f->files, &f->site, SPAN("/a.html"), NOW);
	len = file->validators.etag.len;
	memcpy(first, file->validators.etag.ptr, len);
	file_put(&f->files, &file);
	make_file(f, "a.html", "two", 1000000000, 6);
	file = file_open(&f->files, &f->site, SPAN("/a.html"), NOW);
	assert_false(
	    span_equal(file->validators.etag, (struct span){ first, len }));
	file_put(&f->files, &file);
}

static void
test_what_is_no_regular_file_is_not_opened(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mkdirat(f->site.root_fd, "dir", 0755), 0);
	assert_int_equal(mkfifoat(f->site.root_fd, "fifo", 0644), 0);
	assert_null(file_open(&f->files, &f->site, SPAN("/dir"), NOW));
	assert_int_equal(errno, EISDIR);
	assert_null(file_open(&f->files, &f->site, SPAN("/"), NOW));
	assert_int_equal(errno, EISDIR);
	assert_null(file_open(&f->files, &f->site, SPAN("/fifo"), NOW));
	assert_int_equal(errno, ENXIO);
	assert_null(file_open(&f->files, &f->site, SPAN("/none"), NOW));
	assert_int_equal(errno, ENOENT);
	assert_int_equal(f->files.slab.nlent, 0);
}

static void
test_file_outlives_its_name(void **state)
{
	struct fixture *f = *state;
	struct file *file;
	char text[8];

	make_file(f, "a.html", "old", 1000000000, 0);
	file = file_open(&f->files, &f->site, SPAN("/a.html"), NOW);
	assert_int_equal(unlinkat(f->site.root_fd, "a.html", 0), 0);
	make_file(f, "a.html", "newer", 1000000000, 0);
	assert_int_equal(pread(file->fd, text, sizeof(text), 0), 3);
	assert_memory_equal(text, "old", 3);
	file_put(&f->files, &file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_file_has_its_fields_ready, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_meaningless_mtime_gives_no_validators, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_etag_sees_an_edit_in_the_same_second, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_what_is_no_regular_file_is_not_opened, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_file_outlives_its_name, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
