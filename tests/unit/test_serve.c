/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/serve.h"

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

/* 1000000000 s and 10 bytes. */
#define ETAG       "\"7lieexzx4kxs-a\""
#define ETAG_FIELD "ETag: " ETAG "\r\n"
#define MODIFIED   "Sun, 09 Sep 2001 01:46:40 GMT"

static const struct request_limits limits = {
	.head_bytes = 16384,
	.target_bytes = 9000,
	.field_bytes = 8192,
	.nfields = 100,
};

static const char *index_names[] = { "index.html", "index.htm" };
static const char *tries[] = { "$uri", "$uri/" };
static const char *codings[] = { "br", "zst", "gz" };
static const struct conf_site conf = {
	.index = { .items = index_names, .nitems = 2 },
	.precompressed = { .items = codings, .nitems = 3 },
	.symlinks = BENEATH_WITHIN,
	.tries = { .items = tries, .nitems = 2 },
	.fallback = "off",
};
static const struct filecache_opts opts = {
	.nfiles = 8,
	.nmissing = 4,
	.memory_bytes = 65536,
	.small_bytes = 1024,
	.valid_ms = 1000,
	.keep = 8,
};
static const struct clock now = { .wall_s = 2000000000 };

/*
 * /a.txt (10 bytes), /dir/index.htm, /dir/sub/ (empty), /.git/x, /empty,
 * /b.css and its sidecars
 */
struct fixture {
	char dir[32];
	struct site site;
	struct mime_map mime;
	struct counters counters;
	struct serve serve;
	struct request request;
	struct reply reply;
	char text[16384];
};

static const char *file_names[] = { "a.txt", "dir/index.htm", ".git/x", "empty",
	"b.css", "b.css.br", "b.css.gz" };
static const char *dir_names[] = { "dir", "dir/sub", ".git" };

static int
make_file(int root_fd, const char *name, const char *text)
{
	const struct timespec times[2] = {
		{ .tv_nsec = UTIME_OMIT },
		{ .tv_sec = 1000000000 },
	};
	int fd = openat(root_fd, name, O_WRONLY | O_CREAT, 0644);

	if (fd == -1 || write(fd, text, strlen(text)) == -1 ||
	    futimens(fd, times) == -1)
		return -1;
	return close(fd);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/tined-serve-XXXXXX");
	if (mkdtemp(f->dir) == NULL)
		return -1;
	assert_int_equal(
	    site_init(&f->site, &conf, beneath_open_root(f->dir)), 0);
	if (f->site.root_fd == -1)
		return -1;
	for (size_t i = 0; i < sizeof(dir_names) / sizeof(dir_names[0]); i++)
		if (mkdirat(f->site.root_fd, dir_names[i], 0755) == -1)
			return -1;
	for (size_t i = 0; i < sizeof(file_names) / sizeof(file_names[0]); i++)
		if (make_file(f->site.root_fd, file_names[i],
			strcmp(file_names[i], "empty") == 0 ? ""
							    : "0123456789"))
			return -1;
	*state = f;
	return serve_init(
	    &f->serve, &f->site, 1, &opts, &f->mime, &f->counters);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	serve_release(&f->serve, &f->reply);
	serve_fini(&f->serve);
	for (size_t i = 0; i < sizeof(file_names) / sizeof(file_names[0]); i++)
		(void)unlinkat(f->site.root_fd, file_names[i], 0);
	for (size_t i = sizeof(dir_names) / sizeof(dir_names[0]); i-- > 0;)
		(void)unlinkat(f->site.root_fd, dir_names[i], AT_REMOVEDIR);
	(void)close(f->site.root_fd);
	(void)rmdir(f->dir);
	free(f);
	return 0;
}

static const struct address client = { .family = AF_UNIX };

/* Serves "METHOD TARGET" with extra field lines. */
static const struct reply *
ask(struct fixture *f, const char *start, const char *fields)
{
	int len = snprintf(f->text, sizeof(f->text),
	    "%s HTTP/1.1\r\nHost: x\r\n%s\r\n", start, fields);

	serve_release(&f->serve, &f->reply);
	request_init(&f->request);
	if (request_feed(&f->request, &limits, f->text, (size_t)len) !=
	    REQUEST_DONE)
		fail_msg("not a request: %s", f->text);
	serve_request(&f->serve, &f->request, &client, &now, &f->reply);
	return &f->reply;
}

static void
assert_span(struct span span, const char *text)
{
	if (!span_equal(span, span_of(text)))
		fail_msg(
		    "\"%.*s\" is not \"%s\"", (int)span.len, span.ptr, text);
}

static void
test_every_path_has_its_status(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *start;
		int status;
	} rows[] = {
		{ "GET /a.txt", 200 },
		{ "GET /a.txt?query", 200 },
		{ "GET /%61.txt", 200 },
		{ "GET /dir/../a.txt", 200 },
		{ "GET //a.txt", 200 },
		{ "GET http://x/a.txt", 200 },
		{ "HEAD /a.txt", 200 },
		{ "GET /dir/", 200 },
		{ "GET /dir", 301 },
		{ "GET /dir/sub/", 404 },
		{ "GET /", 404 },
		{ "GET /none", 404 },
		{ "GET /a.txt/", 404 },
		{ "GET /a.txt/b", 404 },
		{ "GET /.git/x", 404 },
		{ "GET /dir/%2e%2e/%2egit/x", 404 },
		{ "GET /../etc/passwd", 400 },
		{ "GET /%00", 400 },
		{ "GET /dir%2Findex.htm", 400 },
		{ "OPTIONS /a.txt", 204 },
		{ "OPTIONS *", 204 },
		{ "OPTIONS /%00", 204 },
		{ "POST /a.txt", 405 },
		{ "DELETE /none", 405 },
		{ "TRACE /a.txt", 405 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct reply *reply = ask(f, rows[i].start, "");

		if (reply->response.status != rows[i].status)
			fail_msg("%s: %d, not %d", rows[i].start,
			    reply->response.status, rows[i].status);
	}
}

static void
test_file_is_described_whole(void **state)
{
	const struct reply *reply = ask(*state, "GET /a.txt", "");

	assert_int_equal(reply->length, 10);
	assert_span(reply->response.fields,
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Length: 10\r\n" ETAG_FIELD "Last-Modified: " MODIFIED
	    "\r\nAccept-Ranges: bytes\r\n");
	assert_non_null(reply->file);
	assert_null(reply->page.ptr);
	assert_int_equal(reply->offset, 0);
}

static void
test_client_chooses_the_coding(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *fields;
		enum coding coding;
	} rows[] = {
		{ "", CODING_IDENTITY },
		{ "Accept-Encoding: gzip\r\n", CODING_GZIP },
		{ "Accept-Encoding: gzip, br\r\n", CODING_BR },
		{ "Accept-Encoding: gzip, br;q=0.5\r\n", CODING_GZIP },
		{ "Accept-Encoding: br;q=0\r\n", CODING_IDENTITY },
		{ "Accept-Encoding: zstd\r\n", CODING_IDENTITY },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct reply *reply =
		    ask(f, "GET /b.css", rows[i].fields);

		if (reply->file->coding != rows[i].coding)
			fail_msg("%s", rows[i].fields);
		assert_span(reply->file->vary, "Vary: Accept-Encoding\r\n");
	}
}

static void
test_unsatisfiable_range_of_a_variant_says_vary(void **state)
{
	const struct reply *reply =
	    ask(*state, "GET /b.css", "Range: bytes=99-\r\n");

	assert_int_equal(reply->response.status, 416);
	assert_span(reply->response.fields, "Vary: Accept-Encoding\r\n");
}

static void
test_several_ranges_are_multipart(void **state)
{
	const struct reply *reply =
	    ask(*state, "GET /a.txt", "Range: bytes=0-1,5-6\r\n");

	assert_int_equal(reply->response.status, 206);
	assert_int_equal(reply->nranges, 2);
	assert_true(span_starts_with(
	    reply->response.type, SPAN("multipart/byteranges; boundary=")));
	assert_false(reply->response.has_content_range);
	assert_true(reply->response.has_length);
	assert_int_equal(reply->ranges[1].first, 5);
}

static void
test_redirect_keeps_the_query_and_stays_on_the_host(void **state)
{
	struct fixture *f = *state;

	assert_span(ask(f, "GET /dir", "")->response.location, "/dir/");
	assert_span(
	    ask(f, "GET /dir?a=b&c", "")->response.location, "/dir/?a=b&c");
	assert_span(ask(f, "GET //dir", "")->response.location, "/dir/");
	assert_span(
	    ask(f, "GET ///dir/sub", "")->response.location, "/dir/sub/");
}

static void
test_ranges(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *start;
		const char *fields;
		int status;
		uint64_t offset;
		uint64_t length;
	} rows[] = {
		{ "GET /a.txt", "Range: bytes=2-4\r\n", 206, 2, 3 },
		{ "GET /a.txt", "Range: bytes=-3\r\n", 206, 7, 3 },
		{ "GET /a.txt", "Range: bytes=8-\r\n", 206, 8, 2 },
		{ "GET /a.txt", "Range: bytes=8-99\r\n", 206, 8, 2 },
		{ "GET /a.txt", "Range: lines=1-2\r\n", 200, 0, 10 },
		{ "GET /a.txt", "Range: bytes=x\r\n", 200, 0, 10 },
		{ "HEAD /a.txt", "Range: bytes=2-4\r\n", 200, 0, 10 },
		{ "GET /a.txt", "Range: bytes=2-4\r\nIf-Range: " ETAG "\r\n",
		    206, 2, 3 },
		{ "GET /a.txt", "Range: bytes=2-4\r\nIf-Range: \"other\"\r\n",
		    200, 0, 10 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct reply *reply =
		    ask(f, rows[i].start, rows[i].fields);

		if (reply->response.status != rows[i].status ||
		    reply->offset != rows[i].offset ||
		    reply->length != rows[i].length)
			fail_msg("%s, %s", rows[i].start, rows[i].fields);
		assert_int_equal(
		    reply->response.has_content_range, rows[i].status == 206);
	}
}

static void
test_range_past_the_end_is_unsatisfiable(void **state)
{
	struct fixture *f = *state;
	const struct reply *reply;

	reply = ask(f, "GET /a.txt", "Range: bytes=10-\r\n");
	assert_int_equal(reply->response.status, 416);
	assert_true(reply->response.has_content_range);
	assert_int_equal(reply->response.total, 10);
	assert_non_null(reply->page.ptr);
	reply = ask(f, "GET /empty", "Range: bytes=0-\r\n");
	assert_int_equal(reply->response.status, 416);
	assert_int_equal(reply->response.total, 0);
}

static void
test_preconditions(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *fields;
		int status;
	} rows[] = {
		{ "If-None-Match: " ETAG "\r\n", 304 },
		{ "If-None-Match: *\r\n", 304 },
		{ "If-None-Match: \"x\"\r\n", 200 },
		{ "If-Modified-Since: " MODIFIED "\r\n", 304 },
		{ "If-Match: \"x\"\r\n", 412 },
		{ "If-Match: " ETAG "\r\n", 200 },
		{ "If-None-Match: " ETAG "\r\nRange: bytes=99-\r\n", 304 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct reply *reply =
		    ask(f, "GET /a.txt", rows[i].fields);

		if (reply->response.status != rows[i].status)
			fail_msg(
			    "%s: %d", rows[i].fields, reply->response.status);
	}
}

static void
test_not_modified_carries_its_etag_and_no_length(void **state)
{
	const struct reply *reply =
	    ask(*state, "GET /a.txt", "If-None-Match: " ETAG "\r\n");

	assert_int_equal(reply->response.status, 304);
	assert_false(reply->response.has_length);
	assert_null(reply->response.type.ptr);
	assert_span(reply->response.fields, ETAG_FIELD);
}

static void
test_not_allowed_says_what_is(void **state)
{
	const struct reply *reply = ask(*state, "PUT /a.txt", "");

	assert_int_equal(reply->response.status, 405);
	assert_span(reply->response.allow, "GET, HEAD, OPTIONS");
}

static void
test_reply_says_how_its_file_was_found(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *start;
		enum filecache_lookup first;
		enum filecache_lookup second;
	} rows[] = {
		{ "GET /a.txt", FILECACHE_MISS, FILECACHE_HIT },
		{ "GET /none", FILECACHE_MISS, FILECACHE_HIT },
		{ "GET /dir/", FILECACHE_MISS, FILECACHE_HIT },
		{ "GET /b.css", FILECACHE_MISS, FILECACHE_HIT },
		{ "GET /.git/x", FILECACHE_UNASKED, FILECACHE_UNASKED },
		{ "GET /%00", FILECACHE_UNASKED, FILECACHE_UNASKED },
		{ "POST /a.txt", FILECACHE_UNASKED, FILECACHE_UNASKED },
		{ "OPTIONS *", FILECACHE_UNASKED, FILECACHE_UNASKED },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
		    ask(f, rows[i].start, "")->lookup, rows[i].first);
		assert_int_equal(
		    ask(f, rows[i].start, "")->lookup, rows[i].second);
	}
}

static void
test_reply_says_which_site_and_path_were_meant(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *start;
		bool site;
		const char *path;
	} rows[] = {
		{ "GET /a.txt?b", true, "/a.txt" },
		{ "HEAD /dir/%2e%2e/%61.txt", true, "/a.txt" },
		{ "GET /dir/", true, "/dir/" },
		{ "GET /none", true, "/none" },
		{ "GET /.git/x", true, "" },
		{ "GET /%00", true, "" },
		{ "OPTIONS /a.txt", true, "" },
		{ "POST /a.txt", true, "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)ask(f, rows[i].start, "");
		assert_ptr_equal(f->reply.site, rows[i].site ? &f->site : NULL);
		assert_span(
		    (struct span){ f->serve.path, f->serve.decoded_len },
		    rows[i].path);
	}
}

static void
test_no_reply_leaks_a_file(void **state)
{
	struct fixture *f = *state;
	static const char *fields[] = { "", "Range: bytes=2-4\r\n",
		"Range: bytes=99-\r\n", "If-None-Match: *\r\n",
		"If-Match: \"x\"\r\n" };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		(void)ask(f, "GET /a.txt", fields[i]);
		assert_int_equal(f->reply.file->refs, 2);
		serve_release(&f->serve, &f->reply);
		assert_int_equal(
		    f->serve.cache.slots[0].resource.files[0]->refs, 1);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_every_path_has_its_status),
		TEST(test_file_is_described_whole),
		TEST(test_client_chooses_the_coding),
		TEST(test_unsatisfiable_range_of_a_variant_says_vary),
		TEST(test_several_ranges_are_multipart),
		TEST(test_redirect_keeps_the_query_and_stays_on_the_host),
		TEST(test_ranges),
		TEST(test_range_past_the_end_is_unsatisfiable),
		TEST(test_preconditions),
		TEST(test_not_modified_carries_its_etag_and_no_length),
		TEST(test_not_allowed_says_what_is),
		TEST(test_reply_says_how_its_file_was_found),
		TEST(test_reply_says_which_site_and_path_were_meant),
		TEST(test_no_reply_leaks_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
