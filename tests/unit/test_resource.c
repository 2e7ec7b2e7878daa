/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/resource.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW 2000000000

static const char *codings[] = { "br", "zst", "gz" };
static const struct conf_site conf = {
	.symlinks = BENEATH_WITHIN,
	.precompressed = { .items = codings, .nitems = 3 },
};

/* A root in a scratch folder, and what its files are made of. */
struct fixture {
	char dir[32];
	struct site site;
	struct mime_map mime;
	struct files files;
	struct resource resource;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int root_fd;

	if (f == NULL)
		return -1;
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/tined-res-XXXXXX");
	if (mkdtemp(f->dir) == NULL)
		return -1;
	root_fd = beneath_open_root(f->dir);
	assert_int_equal(site_init(&f->site, &conf, root_fd), 0);
	*state = f;
	return root_fd == -1 ? -1 : files_init(&f->files, 4, 65536, 1024, 4);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	static const char *names[] = { "a.html", "a.html.gz", "a.html.br",
		"fifo", "link", "out" };

	resource_close(&f->resource, &f->files);
	files_fini(&f->files);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlinkat(f->site.root_fd, names[i], 0);
	(void)unlinkat(f->site.root_fd, "dir", AT_REMOVEDIR);
	(void)close(f->site.root_fd);
	(void)rmdir(f->dir);
	free(f);
	return 0;
}

/* Opens path, and closes what was open before. */
static const struct resource *
open_path(struct fixture *f, const char *path)
{
	resource_close(&f->resource, &f->files);
	resource_open(
	    &f->resource, &f->files, &f->mime, &f->site, span_of(path), NOW);
	return &f->resource;
}

static struct file *
open_file(struct fixture *f, const char *path)
{
	assert_int_equal(open_path(f, path)->error, 0);
	return f->resource.files[CODING_IDENTITY];
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
	file = open_file(f, "/a.html");
	assert_int_equal(file->size, 5);
	assert_span(file->type, "text/html; charset=utf-8");
	assert_span(file->validators.etag, "\"7lieexzx4kxt-5\"");
	assert_span(file->fields,
	    "Content-Type: text/html; charset=utf-8\r\n"
	    "Content-Length: 5\r\n"
	    "ETag: \"7lieexzx4kxt-5\"\r\n"
	    "Last-Modified: Sun, 09 Sep 2001 01:46:40 GMT\r\n"
	    "Accept-Ranges: bytes\r\n");
	assert_span(file->fields_206,
	    "ETag: \"7lieexzx4kxt-5\"\r\n"
	    "Last-Modified: Sun, 09 Sep 2001 01:46:40 GMT\r\n"
	    "Accept-Ranges: bytes\r\n");
	assert_span(file->fields_304, "ETag: \"7lieexzx4kxt-5\"\r\n");
	assert_null(file->vary.ptr);
	assert_true(file->validators.has_last_modified);
	assert_int_equal(file->validators.last_modified, 1000000000);
}

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* The same file with a manifest of one line; 0 and 1 are no times. */
static void
test_the_manifest_gives_a_tag_to_what_it_knows(void **state)
{
	static const struct {
		time_t mtime_s;
		const char *text;
		const char *etag;
		bool outdated;
	} rows[] = {
		{ 5, "hello", "\"0123456789abcdef0123456789abcdef\"", false },
		{ 0, "hello", "\"0123456789abcdef0123456789abcdef\"", false },
		{ 1, "hello", "\"0123456789abcdef0123456789abcdef\"", false },
		{ 6, "hello", "of the time", true },
		{ 5, "hell", "of the time", true },
		{ 0, "hell", "", true },
	};
	const struct conf_site with = { .symlinks = BENEATH_WITHIN,
		.manifest = CONF_MANIFEST_DIGEST };
	struct fixture *f = *state;
	unsigned line;

	f->site.conf = &with;
	assert_int_equal(
	    manifest_of_text(&f->site.manifest,
		SPAN(MANIFEST_HEAD "1\n" HASH " 5 5000000000 a.html\n"), &line),
	    0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct file *file;

		make_file(f, "a.html", rows[i].text, rows[i].mtime_s, 0);
		file = open_file(f, "/a.html");
		assert_int_equal(file->outdated, rows[i].outdated);
		assert_int_equal(file->vouched, !rows[i].outdated);
		if (rows[i].etag[0] != '\0' && !rows[i].outdated)
			assert_span(file->validators.etag, rows[i].etag);
		assert_int_equal(
		    file->validators.etag.len > 0, rows[i].etag[0] != '\0');
		assert_int_equal(memmem(file->fields.ptr, file->fields.len,
				     "Repr-Digest", 11) != NULL,
		    !rows[i].outdated);
	}
	manifest_fini(&f->site.manifest);
	f->site.conf = &conf;
}

static void
test_meaningless_mtime_gives_no_validators(void **state)
{
	struct fixture *f = *state;
	const time_t mtimes[] = { 0, 1, NOW + 1 };

	for (size_t i = 0; i < sizeof(mtimes) / sizeof(mtimes[0]); i++) {
		struct file *file;

		make_file(f, "a.html", "x", mtimes[i], 0);
		file = open_file(f, "/a.html");
		assert_span(file->fields_206, "Accept-Ranges: bytes\r\n");
		assert_int_equal(file->fields_304.len, 0);
		assert_null(file->validators.etag.ptr);
		assert_false(file->validators.has_last_modified);
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
	file = open_file(f, "/a.html");
	len = file->validators.etag.len;
	memcpy(first, file->validators.etag.ptr, len);
	make_file(f, "a.html", "two", 1000000000, 6);
	file = open_file(f, "/a.html");
	assert_false(
	    span_equal(file->validators.etag, (struct span){ first, len }));
}

static void
test_sidecars_have_their_own_etag_and_the_type_of_the_original(void **state)
{
	struct fixture *f = *state;
	const struct resource *resource;

	make_file(f, "a.html", "hello", 1000000000, 0);
	make_file(f, "a.html.gz", "gz", 1000000000, 0);
	resource = open_path(f, "/a.html");
	assert_int_equal(
	    resource->available, 1u << CODING_IDENTITY | 1u << CODING_GZIP);
	assert_span(resource->files[CODING_GZIP]->fields,
	    "Content-Type: text/html; charset=utf-8\r\n"
	    "Content-Length: 2\r\n"
	    "ETag: \"7lieexzx4kxs-2-gzip\"\r\n"
	    "Vary: Accept-Encoding\r\n"
	    "Content-Encoding: gzip\r\n"
	    "Last-Modified: Sun, 09 Sep 2001 01:46:40 GMT\r\n"
	    "Accept-Ranges: bytes\r\n");
	assert_span(resource->files[CODING_GZIP]->fields_error,
	    "Vary: Accept-Encoding\r\n"
	    "Content-Encoding: gzip\r\n");
	/* Whoever chose the original had a choice too. */
	assert_span(resource->files[CODING_IDENTITY]->fields_304,
	    "ETag: \"7lieexzx4kxs-5\"\r\n"
	    "Vary: Accept-Encoding\r\n");
}

static void
test_sidecar_that_is_older_or_irregular_is_passed_over(void **state)
{
	struct fixture *f = *state;

	make_file(f, "a.html", "hello", 1000000000, 7);
	make_file(f, "a.html.gz", "gz", 1000000000, 6);
	assert_int_equal(mkfifoat(f->site.root_fd, "a.html.br", 0644), 0);
	assert_int_equal(
	    open_path(f, "/a.html")->available, 1u << CODING_IDENTITY);
}

static void
test_sidecar_alone_is_a_file_of_its_own(void **state)
{
	struct fixture *f = *state;

	make_file(f, "a.html.gz", "gz", 1000000000, 0);
	assert_int_equal(open_path(f, "/a.html")->error, ENOENT);
	assert_span(open_file(f, "/a.html.gz")->type, "application/gzip");
	assert_null(f->resource.files[CODING_IDENTITY]->vary.ptr);
}

static void
test_what_is_no_regular_file_has_an_error(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mkdirat(f->site.root_fd, "dir", 0755), 0);
	assert_int_equal(mkfifoat(f->site.root_fd, "fifo", 0644), 0);
	assert_int_equal(open_path(f, "/dir")->error, EISDIR);
	assert_int_equal(open_path(f, "/")->error, EISDIR);
	assert_int_equal(open_path(f, "/fifo")->error, ENXIO);
	assert_int_equal(open_path(f, "/none")->error, ENOENT);
	assert_int_equal(f->files.slab.nlent, 0);
}

static void
test_link_is_followed_within_the_root_and_known_as_such(void **state)
{
	struct fixture *f = *state;

	make_file(f, "a.html", "hello", 1000000000, 0);
	assert_int_equal(symlinkat("a.html", f->site.root_fd, "link"), 0);
	assert_int_equal(symlinkat("/etc/passwd", f->site.root_fd, "out"), 0);
	assert_true(open_path(f, "/a.html")->plain);
	assert_int_equal(open_path(f, "/link")->error, 0);
	assert_false(f->resource.plain);
	assert_int_equal(open_path(f, "/out")->error, EXDEV);
}

static void
test_sidecar_that_finds_no_descriptor_is_looked_for_again(void **state)
{
	struct fixture *f = *state;
	struct rlimit old, few;

	make_file(f, "a.html", "hello", 1000000000, 0);
	make_file(f, "a.html.gz", "gz", 1000000000, 0);
	assert_true(open_path(f, "/a.html")->plain);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	few = old;
	few.rlim_cur = (rlim_t)f->resource.files[CODING_IDENTITY]->fd + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_int_equal(open_path(f, "/a.html")->error, 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_null(f->resource.files[CODING_GZIP]);
	assert_false(f->resource.plain);
}

static void
test_file_outlives_its_name(void **state)
{
	struct fixture *f = *state;
	struct file *file;
	char text[8];

	make_file(f, "a.html", "old", 1000000000, 0);
	file = open_file(f, "/a.html");
	assert_int_equal(unlinkat(f->site.root_fd, "a.html", 0), 0);
	make_file(f, "a.html", "newer", 1000000000, 0);
	assert_int_equal(pread(file->fd, text, sizeof(text), 0), 3);
	assert_memory_equal(text, "old", 3);
}

static void
test_small_file_is_read_into_memory(void **state)
{
	struct fixture *f = *state;
	struct file *file;

	make_file(f, "a.html", "hello", 1000000000, 0);
	file = open_file(f, "/a.html");
	assert_true(file_wants_memory(&f->files, file));
	assert_int_equal(file_read(&f->files, file), 0);
	assert_int_equal(file->fd, -1);
	assert_memory_equal(file->body, "hello", 5);
	assert_false(file_wants_memory(&f->files, file));
}

static void
test_file_that_grew_since_its_open_is_not_read(void **state)
{
	struct fixture *f = *state;
	struct file *file;

	make_file(f, "a.html", "hello", 1000000000, 0);
	file = open_file(f, "/a.html");
	make_file(f, "a.html", "hello world", 1000000000, 0);
	assert_int_equal(file_read(&f->files, file), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(f->files.bodies.used_bytes, 0);
}

static void
test_file_that_shrank_since_its_open_is_not_read(void **state)
{
	struct fixture *f = *state;
	struct file *file;

	make_file(f, "a.html", "hello world", 1000000000, 0);
	file = open_file(f, "/a.html");
	make_file(f, "a.html", "hello", 1000000000, 0);
	assert_int_equal(file_read(&f->files, file), -1);
	assert_int_equal(errno, EAGAIN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_file_has_its_fields_ready),
		TEST(test_the_manifest_gives_a_tag_to_what_it_knows),
		TEST(test_meaningless_mtime_gives_no_validators),
		TEST(test_etag_sees_an_edit_in_the_same_second),
		TEST(
		    test_sidecars_have_their_own_etag_and_the_type_of_the_original),
		TEST(test_sidecar_that_is_older_or_irregular_is_passed_over),
		TEST(test_sidecar_alone_is_a_file_of_its_own),
		TEST(test_what_is_no_regular_file_has_an_error),
		TEST(test_link_is_followed_within_the_root_and_known_as_such),
		TEST(test_sidecar_that_finds_no_descriptor_is_looked_for_again),
		TEST(test_file_outlives_its_name),
		TEST(test_small_file_is_read_into_memory),
		TEST(test_file_that_grew_since_its_open_is_not_read),
		TEST(test_file_that_shrank_since_its_open_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
