/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What serve/ makes of calls that fail.  Linked with --wrap for malloc, calloc
 * and mmap, each of which can be made to fail in turn, and for the calls that
 * look at files, which can be made to say something else.
 */
#include "serve/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/memo.h"
#include "os/beneath.h"
#include "serve/maintenance.h"

/* A file system that other machines write to, see watch_sees_all(). */
#define NFS_MAGIC 0x6969

/* Calls until one fails; 0: none does. */
static unsigned memory_countdown;

/* What the next of them is given, which then sets it to NULL again. */
static int (*next_fstat)(int fd, struct stat *st);
static ssize_t (*next_read)(int fd, void *bytes, size_t len);
static bool on_a_network;

void *__real_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__real_calloc(size_t n, size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);
void *__real_mmap(
    void *at, size_t len, int access, int flags, int fd, off_t from);
void *__wrap_mmap(
    void *at, size_t len, int access, int flags, int fd, off_t from);
int __real_fstat(int fd, struct stat *st);
int __wrap_fstat(int fd, struct stat *st);
ssize_t __real_pread(int fd, void *bytes, size_t len, off_t from);
ssize_t __wrap_pread(int fd, void *bytes, size_t len, off_t from);
ssize_t __real_read(int fd, void *bytes, size_t len);
ssize_t __wrap_read(int fd, void *bytes, size_t len);
int __real_fstatfs(int fd, struct statfs *fs);
int __wrap_fstatfs(int fd, struct statfs *fs);

static bool
memory_fails(void)
{
	if (memory_countdown == 0 || --memory_countdown > 0)
		return false;
	errno = ENOMEM;
	return true;
}

void *
__wrap_malloc(size_t bytes)
{
	return memory_fails() ? NULL : __real_malloc(bytes);
}

void *
__wrap_calloc(size_t n, size_t bytes)
{
	return memory_fails() ? NULL : __real_calloc(n, bytes);
}

void *
__wrap_mmap(void *at, size_t len, int access, int flags, int fd, off_t from)
{
	return memory_fails() ? MAP_FAILED
			      : __real_mmap(at, len, access, flags, fd, from);
}

int
__wrap_fstat(int fd, struct stat *st)
{
	int (*next)(int, struct stat *) = next_fstat;

	next_fstat = NULL;
	return next == NULL ? __real_fstat(fd, st) : next(fd, st);
}

ssize_t
__wrap_pread(int fd, void *bytes, size_t len, off_t from)
{
	ssize_t (*next)(int, void *, size_t) = next_read;

	next_read = NULL;
	return next == NULL ? __real_pread(fd, bytes, len, from)
			    : next(fd, bytes, len);
}

ssize_t
__wrap_read(int fd, void *bytes, size_t len)
{
	ssize_t (*next)(int, void *, size_t) = next_read;

	next_read = NULL;
	return next == NULL ? __real_read(fd, bytes, len)
			    : next(fd, bytes, len);
}

int
__wrap_fstatfs(int fd, struct statfs *fs)
{
	int rc = __real_fstatfs(fd, fs);

	if (on_a_network)
		fs->f_type = NFS_MAGIC;
	return rc;
}

static struct conf_auth guard = { .name = "staff" };
static const struct conf_match guarded = {
	.glob = "/guarded/*",
	.type = "",
	.fallback = "",
	.cache = "",
	.auth = "staff",
	.guard = &guard,
};
static const struct conf_match *matches[] = { &guarded };
static const char *tries[] = { "$uri" };
static const char *hosts[] = { "a.example" };
static struct conf_site conf_site = {
	.name = "",
	.symlinks = BENEATH_WITHIN,
	.manifest = CONF_MANIFEST_ETAG,
	.listing = CONF_LISTING_ON,
	.fallback = "off",
	.maintenance = "off",
	.tries = { .items = tries, .nitems = 1 },
	.hosts = { .items = hosts, .nitems = 1 },
	.matches = matches,
	.nmatches = 1,
};
static const struct filecache_opts opts = {
	.nfiles = 4,
	.nmissing = 2,
	.memory_bytes = 65536,
	.small_bytes = 1024,
	.valid_ms = 1000,
	.keep = 8,
};

/* A root with /file, of 4 bytes, and a manifest that knows nothing. */
struct fixture {
	char dir[32];
	int root_fd;
	struct conf conf;
	struct mime_map mime;
	struct counters counters;
	struct clock clock;
};

static void
write_file(const struct fixture *f, const char *name, const char *text)
{
	int fd = openat(f->root_fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
}

static int
setup(void **state)
{
	static struct fixture f;

	f = (struct fixture){ .clock = {
				  .mono_ms = 5000, .wall_s = 2000000000 } };
	(void)snprintf(f.dir, sizeof(f.dir), "/tmp/tined-refused-XXXXXX");
	if (mkdtemp(f.dir) == NULL)
		return -1;
	f.root_fd = beneath_open_root(f.dir);
	f.conf.sites = &conf_site;
	f.conf.nsites = 1;
	write_file(&f, "file", "text");
	write_file(&f, CONF_MANIFEST_NAME, "tined-manifest 1 sha256 0\n");
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	memory_countdown = 0;
	next_fstat = NULL;
	next_read = NULL;
	on_a_network = false;
	(void)unlinkat(f->root_fd, "file", 0);
	(void)unlinkat(f->root_fd, CONF_MANIFEST_NAME, 0);
	(void)close(f->root_fd);
	return rmdir(f->dir);
}

/* Makes all that a worker needs of serve/, and gives it back. */
static int
start_and_stop(struct fixture *f)
{
	struct serve *serve = __real_calloc(1, sizeof(*serve));
	struct maintenance maintenance = { 0 };
	struct site *sites;
	struct memo memo;
	int rc = -1, error;

	assert_non_null(serve);
	sites = sites_make(&f->conf, &f->root_fd);
	if (sites != NULL) {
		rc = serve_init(serve, sites, 1, &opts, &f->mime, &f->counters);
		if (rc == 0)
			rc = serve_init_listings(serve, sites, 1, 65536, 1);
		if (rc == 0)
			rc = maintenance_open(&maintenance, &f->conf);
		if (rc == 0) {
			rc = memo_init(&memo, 4);
			memo_fini(&memo);
		}
		error = errno;
		maintenance_close(&maintenance);
		serve_fini(serve);
		sites_free(&sites, 1);
		errno = error;
	}
	free(serve);
	return rc;
}

/* The first, the second, and so on; what was made before is given back. */
static void
test_a_start_without_memory_is_an_error_that_leaks_nothing(void **state)
{
	struct fixture *f = *state;
	unsigned nerrors = 0;

	for (unsigned i = 1; i < 200; i++) {
		int rc;

		memory_countdown = i;
		errno = 0;
		rc = start_and_stop(f);
		if (memory_countdown > 0) {
			assert_int_equal(rc, 0);
			assert_true(nerrors > 10);
			return;
		}
		if (rc == -1) {
			assert_int_equal(errno, ENOMEM);
			nerrors++;
		}
	}
	fail_msg("it never succeeds");
}

static int
on_fstat_fail(int fd, struct stat *st)
{
	(void)fd;
	(void)st;
	errno = EIO;
	return -1;
}

static ssize_t
on_read_fail(int fd, void *bytes, size_t len)
{
	(void)fd;
	(void)bytes;
	(void)len;
	errno = EIO;
	return -1;
}

static ssize_t
on_read_end(int fd, void *bytes, size_t len)
{
	(void)fd;
	(void)bytes;
	(void)len;
	return 0;
}

/* Somebody writes to the file while it is read. */
static ssize_t
on_read_byte(int fd, void *bytes, size_t len)
{
	return __real_read(fd, bytes, len < 1 ? len : 1);
}

static void
test_a_manifest_that_cannot_be_read_whole_is_not_used(void **state)
{
	static const struct {
		ssize_t (*next)(int fd, void *bytes, size_t len);
		const char *line;
		int error;
	} rows[] = {
		{ on_read_fail, "an error", EIO },
		{ on_read_end, "shorter than it was", EAGAIN },
		{ on_read_byte, "in two parts", 0 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct manifest manifest;
		unsigned line;
		int rc;

		next_read = rows[i].next;
		rc = manifest_load(
		    &manifest, f->root_fd, CONF_MANIFEST_NAME, &line);
		if (rc != (rows[i].error == 0 ? 0 : -1))
			fail_msg("%s: %d", rows[i].line, rc);
		if (rc == -1)
			assert_int_equal(errno, rows[i].error);
		manifest_fini(&manifest);
	}
}

/* What the file is after it was read; the first look is the real one. */
static struct stat later;

static int
on_fstat_later(int fd, struct stat *st)
{
	(void)fd;
	*st = later;
	return 0;
}

static ssize_t
on_read_then_look(int fd, void *bytes, size_t len)
{
	next_fstat = on_fstat_later;
	return __real_pread(fd, bytes, len, 0);
}

static ssize_t
on_read_then_fail(int fd, void *bytes, size_t len)
{
	next_fstat = on_fstat_fail;
	return __real_pread(fd, bytes, len, 0);
}

static struct file *
open_file(struct fixture *f, struct filecache *cache, struct site *site)
{
	const struct resource *resource;

	assert_int_equal(site_init(site, &conf_site, f->root_fd), 0);
	assert_int_equal(
	    filecache_init(cache, &opts, &f->mime, &f->counters), 0);
	resource = filecache_get(cache, site, SPAN("/file"), &f->clock);
	assert_int_equal(resource->error, 0);
	return resource->files[CODING_IDENTITY];
}

/* Its bytes would not be those of one moment. */
static void
test_a_file_that_changes_while_it_is_read_is_not_kept(void **state)
{
	struct fixture *f = *state;
	struct filecache cache;
	struct site site;
	struct stat real;

	assert_int_equal(fstatat(f->root_fd, "file", &real, 0), 0);
	for (int i = 0; i < 7; i++) {
		struct file *file;

		later = real;
		later.st_size += i == 1;
		later.st_mtim.tv_sec += i == 2;
		later.st_mtim.tv_nsec ^= i == 3;
		next_read = i == 4   ? on_read_fail
			    : i == 5 ? on_read_end
			    : i == 6 ? on_read_then_fail
				     : on_read_then_look;
		/* The manifest has to be left alone. */
		conf_site.manifest = CONF_MANIFEST_OFF;
		file = open_file(f, &cache, &site);
		conf_site.manifest = CONF_MANIFEST_ETAG;
		assert_int_equal(file->body != NULL, i == 0);
		assert_null(next_read);
		next_fstat = NULL;
		filecache_fini(&cache);
		site_fini(&site);
	}
}

static void
test_a_file_that_cannot_be_looked_at_counts_as_changed(void **state)
{
	struct fixture *f = *state;
	struct filecache cache;
	struct site site;
	struct file *file;

	next_read = on_read_fail;
	conf_site.manifest = CONF_MANIFEST_OFF;
	file = open_file(f, &cache, &site);
	conf_site.manifest = CONF_MANIFEST_ETAG;
	assert_true(file_is_unchanged(file));
	next_fstat = on_fstat_fail;
	assert_false(file_is_unchanged(file));
	filecache_fini(&cache);
	site_fini(&site);
}

/* Serves "GET /", of which there is but the list. */
static int
ask_for_list(struct fixture *f, struct serve *serve, struct reply *reply)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
	static const struct address client = { .family = AF_UNIX };
	static const struct request_limits limits = { .head_bytes = 4096,
		.target_bytes = 1024,
		.field_bytes = 1024,
		.nfields = 100 };
	struct request request;

	request_init(&request);
	assert_int_equal(
	    request_feed(&request, &limits, text, sizeof(text) - 1),
	    REQUEST_DONE);
	serve_request(serve, &request, &client, &f->clock, reply);
	return reply->response.status;
}

/* Files that are only kept at hand give way, as long as there are some. */
static void
test_a_list_gets_the_descriptor_of_a_cached_file(void **state)
{
	struct fixture *f = *state;
	struct serve *serve = __real_calloc(1, sizeof(*serve));
	struct site *sites = sites_make(&f->conf, &f->root_fd);
	struct reply reply = { 0 };
	struct rlimit old, few;

	assert_non_null(serve);
	assert_non_null(sites);
	assert_int_equal(
	    serve_init(serve, sites, 1, &opts, &f->mime, &f->counters), 0);
	assert_int_equal(serve_init_listings(serve, sites, 1, 65536, 1), 0);
	assert_int_equal(ask_for_list(f, serve, &reply), 200);
	serve_release(serve, &reply);
	/* One that is not read keeps its descriptor. */
	next_read = on_read_fail;
	(void)filecache_get(&serve->cache, sites, SPAN("/file"), &f->clock);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	few = old;
	few.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_int_equal(ask_for_list(f, serve, &reply), 503);
	assert_int_equal(reply.error, EMFILE);
	assert_int_equal(f->counters.cache_evictions, 1);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	serve_release(serve, &reply);
	serve_fini(serve);
	sites_free(&sites, 1);
	free(serve);
}

/* Where no event tells, a file is opened for each request. */
static void
test_a_folder_on_a_network_is_not_watched(void **state)
{
	struct fixture *f = *state;
	struct filecache cache;
	struct site site;

	on_a_network = true;
	(void)open_file(f, &cache, &site);
	assert_int_equal(unlinkat(f->root_fd, "file", 0), 0);
	assert_int_equal(
	    filecache_get(&cache, &site, SPAN("/file"), &f->clock)->error,
	    ENOENT);
	filecache_fini(&cache);
	site_fini(&site);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(
		    test_a_start_without_memory_is_an_error_that_leaks_nothing),
		TEST(test_a_manifest_that_cannot_be_read_whole_is_not_used),
		TEST(test_a_file_that_changes_while_it_is_read_is_not_kept),
		TEST(test_a_file_that_cannot_be_looked_at_counts_as_changed),
		TEST(test_a_list_gets_the_descriptor_of_a_cached_file),
		TEST(test_a_folder_on_a_network_is_not_watched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
