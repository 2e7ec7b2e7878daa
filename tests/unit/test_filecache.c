/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/filecache.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
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

static const struct conf_site conf = { .symlinks = BENEATH_WITHIN };

/* Room for 8 files, 2 of which have their bytes in memory, and 2 misses. */
static const struct filecache_opts opts = {
	.nfiles = 8,
	.nmissing = 2,
	.memory_bytes = 4096,
	.small_bytes = 2048,
	.valid_ms = 1000,
	.keep = 16,
};

struct fixture {
	char dir[32];
	struct site site;
	struct mime_map mime;
	struct clock clock;
	struct counters counters;
	struct filecache cache;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int root_fd;

	if (f == NULL)
		return -1;
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/tined-cache-XXXXXX");
	if (mkdtemp(f->dir) == NULL)
		return -1;
	root_fd = beneath_open_root(f->dir);
	if (root_fd == -1 || mkdirat(root_fd, "dir", 0755) == -1)
		return -1;
	assert_int_equal(site_init(&f->site, &conf, root_fd), 0);
	f->clock = (struct clock){ .mono_ms = 5000, .wall_s = 2000000000 };
	*state = f;
	return filecache_init(&f->cache, &opts, &f->mime, &f->counters);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char command[64];

	filecache_fini(&f->cache);
	(void)close(f->site.root_fd);
	(void)snprintf(command, sizeof(command), "rm -r %s", f->dir);
	free(f);
	return system(command);
}

static void
write_file(struct fixture *f, const char *name, size_t len, char byte)
{
	char text[4096];
	int fd =
	    openat(f->site.root_fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_int_not_equal(fd, -1);
	memset(text, byte, len);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(close(fd), 0);
}

static const struct resource *
get(struct fixture *f, const char *path)
{
	return filecache_get(&f->cache, &f->site, span_of(path), &f->clock);
}

static char
first_byte(struct fixture *f, const char *path)
{
	const struct resource *resource = get(f, path);
	struct file *file = resource->files[CODING_IDENTITY];
	char byte;

	assert_int_equal(resource->error, 0);
	if (file->body != NULL)
		return file->body[0];
	assert_int_equal(pread(file->fd, &byte, 1, 0), 1);
	return byte;
}

/* Lets the cache see the events that are due: inotify tells them at once. */
static void
read_events(struct fixture *f)
{
	struct pollfd pfd = { .fd = f->cache.watch.fd, .events = POLLIN };

	assert_int_equal(poll(&pfd, 1, 5000), 1);
	dirwatch_read(&f->cache.watch);
}

static void
test_second_get_is_a_hit(void **state)
{
	struct fixture *f = *state;

	write_file(f, "a", 10, 'a');
	assert_int_equal(first_byte(f, "/a"), 'a');
	assert_int_equal(first_byte(f, "/a"), 'a');
	assert_int_equal(f->counters.cache_hits, 1);
	assert_int_equal(f->counters.cache_misses, 1);
}

static void
test_change_is_seen_as_soon_as_it_is_told(void **state)
{
	struct fixture *f = *state;

	write_file(f, "a", 10, 'a');
	assert_int_equal(first_byte(f, "/a"), 'a');
	write_file(f, "a", 10, 'b');
	read_events(f);
	assert_int_equal(first_byte(f, "/a"), 'b');
}

static void
test_watched_file_stays_valid_until_then(void **state)
{
	struct fixture *f = *state;

	write_file(f, "a", 10, 'a');
	(void)get(f, "/a");
	f->clock.mono_ms += 3600 * 1000;
	(void)get(f, "/a");
	assert_int_equal(f->counters.cache_hits, 1);
}

static void
test_renamed_parent_makes_its_files_old(void **state)
{
	struct fixture *f = *state;

	write_file(f, "dir/a", 10, 'a');
	assert_int_equal(first_byte(f, "/dir/a"), 'a');
	assert_int_equal(
	    renameat(f->site.root_fd, "dir", f->site.root_fd, "gone"), 0);
	read_events(f);
	assert_int_equal(get(f, "/dir/a")->error, ENOENT);
}

static void
test_missing_file_is_remembered_and_found_when_it_comes(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(get(f, "/a")->error, ENOENT);
	assert_int_equal(get(f, "/a")->error, ENOENT);
	assert_int_equal(f->counters.cache_hits, 1);
	write_file(f, "a", 10, 'a');
	read_events(f);
	assert_int_equal(first_byte(f, "/a"), 'a');
}

static void
test_missing_file_is_looked_for_again_after_a_while(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(get(f, "/none/a")->error, ENOENT);
	f->clock.mono_ms += opts.valid_ms;
	assert_int_equal(get(f, "/none/a")->error, ENOENT);
	assert_int_equal(f->counters.cache_hits, 0);
}

static void
test_link_is_looked_at_again_after_a_while(void **state)
{
	struct fixture *f = *state;

	write_file(f, "dir/a", 10, 'a');
	assert_int_equal(symlinkat("dir/a", f->site.root_fd, "link"), 0);
	assert_int_equal(first_byte(f, "/link"), 'a');
	write_file(f, "dir/a", 10, 'b');
	assert_int_equal(first_byte(f, "/link"), 'a');
	f->clock.mono_ms += opts.valid_ms;
	assert_int_equal(first_byte(f, "/link"), 'b');
}

static void
test_unwatched_file_never_has_a_size_that_is_not_its_own(void **state)
{
	struct fixture *f = *state;

	write_file(f, "dir/a", 4000, 'a');
	assert_int_equal(symlinkat("dir/a", f->site.root_fd, "link"), 0);
	assert_int_equal(get(f, "/link")->files[CODING_IDENTITY]->size, 4000);
	assert_int_equal(get(f, "/link")->files[CODING_IDENTITY]->size, 4000);
	assert_int_equal(f->counters.cache_hits, 1);
	write_file(f, "dir/a", 3000, 'b');
	assert_int_equal(get(f, "/link")->files[CODING_IDENTITY]->size, 3000);
	assert_int_equal(first_byte(f, "/link"), 'b');
}

/* The size alone does not tell; bytes of its own are not in memory. */
static void
test_unwatched_file_of_the_same_size_is_seen_to_be_another(void **state)
{
	struct fixture *f = *state;
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
		{ .tv_sec = 1000000000 } };

	write_file(f, "dir/a", 4000, 'a');
	assert_int_equal(symlinkat("dir/a", f->site.root_fd, "link"), 0);
	assert_int_equal(first_byte(f, "/link"), 'a');
	write_file(f, "dir/a", 4000, 'b');
	assert_int_equal(utimensat(f->site.root_fd, "dir/a", times, 0), 0);
	assert_int_equal(first_byte(f, "/link"), 'b');
	assert_int_equal(f->counters.cache_hits, 0);
}

static void
test_file_with_a_second_name_is_looked_at_again_after_a_while(void **state)
{
	struct fixture *f = *state;
	int root_fd = f->site.root_fd;

	write_file(f, "a", 10, 'a');
	assert_int_equal(linkat(root_fd, "a", root_fd, "dir/second", 0), 0);
	assert_int_equal(first_byte(f, "/a"), 'a');
	write_file(f, "dir/second", 10, 'b');
	f->clock.mono_ms += opts.valid_ms;
	assert_int_equal(first_byte(f, "/a"), 'b');
}

static void
test_date_ahead_becomes_a_validator_in_time(void **state)
{
	struct fixture *f = *state;
	const struct timespec ahead = { .tv_sec = f->clock.wall_s + 1 };
	const struct timespec times[2] = { ahead, ahead };
	struct validators *validators;

	write_file(f, "a", 10, 'a');
	assert_int_equal(utimensat(f->site.root_fd, "a", times, 0), 0);
	validators = &get(f, "/a")->files[CODING_IDENTITY]->validators;
	assert_null(validators->etag.ptr);
	f->clock.mono_ms += opts.valid_ms;
	f->clock.wall_s++;
	validators = &get(f, "/a")->files[CODING_IDENTITY]->validators;
	assert_non_null(validators->etag.ptr);
}

static void
test_missing_files_push_out_no_file(void **state)
{
	struct fixture *f = *state;
	char path[32];

	write_file(f, "a", 10, 'a');
	(void)get(f, "/a");
	for (int i = 0; i < 100; i++) {
		(void)snprintf(path, sizeof(path), "/none%d", i);
		assert_int_equal(get(f, path)->error, ENOENT);
	}
	assert_int_equal(f->counters.cache_hits, 0);
	(void)get(f, "/a");
	assert_int_equal(f->counters.cache_hits, 1);
}

static void
test_full_cache_keeps_what_is_used(void **state)
{
	struct fixture *f = *state;
	char path[32];

	for (int i = 0; i < 100; i++) {
		(void)snprintf(path, sizeof(path), "%d", i);
		write_file(f, path, 3000, 'a');
	}
	(void)get(f, "/0");
	for (int i = 1; i < 100; i++) {
		(void)snprintf(path, sizeof(path), "/%d", i);
		assert_int_equal(get(f, path)->error, 0);
		assert_int_equal(get(f, "/0")->error, 0);
	}
	assert_int_equal(f->counters.cache_hits, 99);
	assert_int_equal(f->counters.cache_evictions, 92);
	assert_int_equal(f->cache.files.slab.nlent, 8);
}

static void
test_memory_is_bounded_and_moves_on(void **state)
{
	struct fixture *f = *state;

	write_file(f, "a", 2000, 'a');
	write_file(f, "b", 2000, 'b');
	write_file(f, "c", 2000, 'c');
	assert_int_equal(first_byte(f, "/a"), 'a');
	assert_int_equal(first_byte(f, "/b"), 'b');
	assert_int_equal(first_byte(f, "/c"), 'c');
	assert_non_null(get(f, "/c")->files[CODING_IDENTITY]->body);
	assert_true(f->cache.files.bodies.used_bytes <= 4096);
	assert_true(f->counters.cache_evictions > 0);
}

static void
test_evicted_file_lives_as_long_as_it_is_sent(void **state)
{
	struct fixture *f = *state;
	char path[32];
	struct file *file;

	write_file(f, "a", 10, 'a');
	file = file_get(get(f, "/a")->files[CODING_IDENTITY]);
	for (int i = 0; i < 20; i++) {
		(void)snprintf(path, sizeof(path), "%d", i);
		write_file(f, path, 10, 'x');
		(void)snprintf(path, sizeof(path), "/%d", i);
		(void)get(f, path);
	}
	assert_int_equal(file->refs, 1);
	assert_int_equal(file->body[0], 'a');
	file_put(&f->cache.files, &file);
}

static void
test_long_path_is_served_without_a_slot(void **state)
{
	struct fixture *f = *state;
	char path[FILECACHE_PATH_BYTES + 32];

	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	write_file(f, path + 1, 10, 'a');
	assert_int_equal(first_byte(f, path), 'a');
	assert_int_equal(first_byte(f, path), 'a');
	assert_int_equal(f->counters.cache_hits, 0);
}

static void
test_cached_files_give_way_when_descriptors_run_out(void **state)
{
	struct fixture *f = *state;
	struct rlimit old, few;
	char path[32];

	for (int i = 0; i < 6; i++) {
		(void)snprintf(path, sizeof(path), "%d", i);
		write_file(f, path, 3000, 'a'); /* too large for memory */
	}
	for (int i = 0; i < 5; i++) {
		(void)snprintf(path, sizeof(path), "/%d", i);
		assert_int_equal(get(f, path)->error, 0);
	}
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	few = old;
	few.rlim_cur = (rlim_t)get(f, "/4")->files[CODING_IDENTITY]->fd + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_int_equal(get(f, "/5")->error, 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_true(f->counters.cache_evictions > 0);
}

static void
test_want_of_descriptors_is_not_remembered(void **state)
{
	struct fixture *f = *state;
	struct rlimit old, few;
	int fd = dup(f->site.root_fd);

	assert_int_not_equal(fd, -1);
	assert_int_equal(close(fd), 0);
	write_file(f, "a", 10, 'a');
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	few = old;
	few.rlim_cur = (rlim_t)fd;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_int_equal(get(f, "/a")->error, EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(get(f, "/a")->error, 0);
	assert_int_equal(f->counters.cache_hits, 0);
}

/* What is being sent keeps its memory, even where others want it. */
static void
test_file_that_finds_no_memory_is_served_from_its_descriptor(void **state)
{
	struct fixture *f = *state;
	struct file *sent[2];

	write_file(f, "a", 2000, 'a');
	write_file(f, "b", 2000, 'b');
	write_file(f, "c", 2000, 'c');
	sent[0] = file_get(get(f, "/a")->files[CODING_IDENTITY]);
	sent[1] = file_get(get(f, "/b")->files[CODING_IDENTITY]);
	assert_non_null(sent[1]->body);
	assert_int_equal(first_byte(f, "/c"), 'c');
	assert_null(get(f, "/c")->files[CODING_IDENTITY]->body);
	file_put(&f->cache.files, &sent[0]);
	file_put(&f->cache.files, &sent[1]);
}

static void
test_a_cache_may_be_closed_twice(void **state)
{
	struct fixture *f = *state;

	filecache_fini(&f->cache);
	assert_null(f->cache.slots);
}

static void
test_only_files_with_a_descriptor_of_their_own_give_way(void **state)
{
	struct fixture *f = *state;
	struct file *sent;

	write_file(f, "small", 10, 'a');
	write_file(f, "sent", 3000, 'a');
	write_file(f, "large", 3000, 'a');
	(void)get(f, "/small");
	(void)get(f, "/large");
	sent = file_get(get(f, "/sent")->files[CODING_IDENTITY]);
	assert_true(filecache_yield(&f->cache));
	assert_false(filecache_yield(&f->cache));
	(void)get(f, "/small");
	(void)get(f, "/sent");
	assert_int_equal(f->counters.cache_hits, 2);
	(void)get(f, "/large");
	assert_int_equal(f->counters.cache_hits, 2);
	file_put(&f->cache.files, &sent);
}

static void
test_cache_of_no_files_serves_all_the_same(void **state)
{
	struct fixture *f = *state;
	const struct filecache_opts none = { .keep = 4 };

	filecache_fini(&f->cache);
	assert_int_equal(
	    filecache_init(&f->cache, &none, &f->mime, &f->counters), 0);
	write_file(f, "a", 10, 'a');
	assert_int_equal(first_byte(f, "/a"), 'a');
	write_file(f, "a", 10, 'b');
	assert_int_equal(first_byte(f, "/a"), 'b');
	assert_int_equal(get(f, "/none")->error, ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_second_get_is_a_hit),
		TEST(test_change_is_seen_as_soon_as_it_is_told),
		TEST(test_watched_file_stays_valid_until_then),
		TEST(test_renamed_parent_makes_its_files_old),
		TEST(test_missing_file_is_remembered_and_found_when_it_comes),
		TEST(test_missing_file_is_looked_for_again_after_a_while),
		TEST(test_link_is_looked_at_again_after_a_while),
		TEST(test_unwatched_file_never_has_a_size_that_is_not_its_own),
		TEST(
		    test_file_with_a_second_name_is_looked_at_again_after_a_while),
		TEST(test_date_ahead_becomes_a_validator_in_time),
		TEST(test_missing_files_push_out_no_file),
		TEST(test_full_cache_keeps_what_is_used),
		TEST(test_memory_is_bounded_and_moves_on),
		TEST(test_evicted_file_lives_as_long_as_it_is_sent),
		TEST(test_long_path_is_served_without_a_slot),
		TEST(test_cached_files_give_way_when_descriptors_run_out),
		TEST(
		    test_unwatched_file_of_the_same_size_is_seen_to_be_another),
		TEST(test_want_of_descriptors_is_not_remembered),
		TEST(
		    test_file_that_finds_no_memory_is_served_from_its_descriptor),
		TEST(test_a_cache_may_be_closed_twice),
		TEST(test_only_files_with_a_descriptor_of_their_own_give_way),
		TEST(test_cache_of_no_files_serves_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
