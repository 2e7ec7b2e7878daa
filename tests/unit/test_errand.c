/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/errand.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
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

#define WAIT_MS 10000

static const struct conf_site conf = { .symlinks = BENEATH_WITHIN };

/* A root with a file of ten bytes, and one thread. */
struct fixture {
	char dir[32];
	struct site site;
	struct files files;
	struct mime_map mime;
	struct helpers helpers;
	struct errands errands;
	struct errand_asker askers[2];
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int root_fd, fd;

	if (f == NULL)
		return -1;
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/tined-errand-XXXXXX");
	if (mkdtemp(f->dir) == NULL)
		return -1;
	root_fd = beneath_open_root(f->dir);
	assert_int_equal(site_init(&f->site, &conf, root_fd), 0);
	fd = openat(root_fd, "a", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd == -1 || write(fd, "0123456789", 10) != 10)
		return -1;
	(void)close(fd);
	assert_int_equal(files_init(&f->files, 4, 65536, 0, 4), 0);
	assert_int_equal(helpers_start(&f->helpers, 1, 4), 0);
	*state = f;
	assert_int_equal(errands_init(&f->errands, &f->helpers, &f->files,
			     RESOURCE_PATH_BYTES),
	    0);
	f->errands.asker = &f->askers[0];
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 2; i++) {
		errand_forget(&f->errands, &f->askers[i]);
		errand_settle(&f->errands, &f->askers[i]);
	}
	assert_true(helpers_stop(&f->helpers, WAIT_MS));
	errands_fini(&f->errands);
	helpers_fini(&f->helpers);
	files_fini(&f->files);
	(void)unlinkat(f->site.root_fd, "a", 0);
	(void)close(f->site.root_fd);
	site_fini(&f->site);
	(void)rmdir(f->dir);
	free(f);
	return 0;
}

/* Waits for the next errand that somebody wants. */
static struct errand *
take_done(struct fixture *f)
{
	struct pollfd pollfd = { .fd = f->helpers.done_fd, .events = POLLIN };

	assert_int_equal(poll(&pollfd, 1, WAIT_MS), 1);
	return errand_take_done(&f->errands);
}

static int
ask(struct fixture *f, unsigned i, const char *path)
{
	const struct dirwatch_stamp stamp = { 0 };

	f->errands.asker = &f->askers[i];
	return errand_open(&f->errands, &f->site, span_of(path), &stamp);
}

static void
test_asker_holds_what_came_until_it_is_settled(void **state)
{
	struct fixture *f = *state;
	struct errand *errand;

	assert_null(errand_find_open(&f->errands, &f->site, SPAN("/a")));
	assert_int_equal(ask(f, 0, "/a"), EINPROGRESS);
	assert_true(errand_is_due(&f->askers[0]));
	/* It waits for one at a time. */
	assert_int_equal(ask(f, 0, "/b"), EINPROGRESS);
	assert_int_equal(f->errands.nsent, 1);

	errand = take_done(f);
	assert_ptr_equal(errand_wake(errand), &f->askers[0]);
	assert_null(errand_wake(errand));
	errand_put(&f->errands, errand);
	assert_false(errand_is_due(&f->askers[0]));
	assert_ptr_equal(
	    errand_find_open(&f->errands, &f->site, SPAN("/a")), errand);
	assert_int_equal(errand->found.error, 0);
	assert_int_equal(errand->found.files[CODING_IDENTITY].st.st_size, 10);

	errand_settle(&f->errands, &f->askers[0]);
	assert_null(errand_find_open(&f->errands, &f->site, SPAN("/a")));
	assert_true(LIST_EMPTY(&f->errands.used));
}

static void
test_those_who_want_the_same_share_it(void **state)
{
	struct fixture *f = *state;
	struct errand *errand;

	assert_int_equal(ask(f, 0, "/none"), EINPROGRESS);
	assert_int_equal(ask(f, 1, "/none"), EINPROGRESS);
	assert_int_equal(f->errands.nsent, 1);

	errand = take_done(f);
	assert_ptr_equal(errand_wake(errand), &f->askers[0]);
	assert_ptr_equal(errand_wake(errand), &f->askers[1]);
	errand_put(&f->errands, errand);
	assert_int_equal(errand->found.error, ENOENT);
	errand_settle(&f->errands, &f->askers[0]);
	assert_false(LIST_EMPTY(&f->errands.used));
	errand_settle(&f->errands, &f->askers[1]);
	assert_true(LIST_EMPTY(&f->errands.used));
}

static void
test_who_came_too_late_must_do_without(void **state)
{
	struct fixture *f = *state;

	f->askers[0].late = true;
	assert_int_equal(ask(f, 0, "/a"), ETIMEDOUT);
	errand_settle(&f->errands, &f->askers[0]);
	assert_int_equal(ask(f, 0, "/a"), EINPROGRESS);
}

static void
test_who_holds_much_opens_the_rest_itself(void **state)
{
	struct fixture *f = *state;
	char path[16];

	for (unsigned i = 0; i < ERRAND_HELD; i++) {
		struct errand *errand;

		(void)snprintf(path, sizeof(path), "/f%u", i);
		assert_int_equal(ask(f, 0, path), EINPROGRESS);
		errand = take_done(f);
		(void)errand_wake(errand);
		errand_put(&f->errands, errand);
	}
	assert_int_equal(ask(f, 0, "/a"), 0);
}

static struct file *
make_file(struct fixture *f)
{
	const struct file_traits traits = { .type = SPAN("text/plain") };
	struct stat st;
	int fd = openat(f->site.root_fd, "a", O_RDONLY | O_CLOEXEC);

	assert_int_equal(fstat(fd, &st), 0);
	return file_make(&f->files, fd, &st, &traits);
}

static void
test_bytes_come_as_far_as_there_are_some(void **state)
{
	struct fixture *f = *state;
	struct file *file = make_file(f);
	struct errand *errand;

	errand_read_file(&f->errands, &f->askers[0], ERRAND_READ, file, 7, 100);
	errand = take_done(f);
	assert_int_equal(errand->n, 3);
	assert_memory_equal(errand->bytes, "789", 3);
	(void)errand_wake(errand);
	errand_put(&f->errands, errand);
	errand_settle(&f->errands, &f->askers[0]);

	errand_read_file(&f->errands, &f->askers[0], ERRAND_WARM, file, 0, 10);
	errand = take_done(f);
	assert_int_equal(errand->n, 10);
	(void)errand_wake(errand);
	errand_put(&f->errands, errand);
	errand_settle(&f->errands, &f->askers[0]);
	assert_int_equal(file->refs, 1);
	file_put(&f->files, &file);
}

static void
test_file_stays_open_for_an_errand_that_nobody_wants(void **state)
{
	struct fixture *f = *state;
	struct file *file = make_file(f);
	struct pollfd pollfd = { .fd = f->helpers.done_fd, .events = POLLIN };

	errand_read_file(&f->errands, &f->askers[0], ERRAND_READ, file, 0, 10);
	errand_forget(&f->errands, &f->askers[0]);
	file_put(&f->files, &file);
	/* It was taken back, or else comes back and is thrown away. */
	if (!LIST_EMPTY(&f->errands.used)) {
		assert_int_equal(poll(&pollfd, 1, WAIT_MS), 1);
		assert_null(errand_take_done(&f->errands));
	}
	assert_true(LIST_EMPTY(&f->errands.used));
	assert_int_equal(f->files.slab.nlent, 0);
}

static void
test_who_reads_waits_for_room_and_who_asks_is_refused(void **state)
{
	struct fixture *f = *state;
	struct file *file = make_file(f);
	unsigned nfilled = f->errands.nfilled;

	assert_true(LIST_EMPTY(&f->errands.free));
	f->errands.nfilled = ERRAND_COUNT; /* as if all were used */
	assert_int_equal(ask(f, 0, "/a"), EBUSY);
	assert_false(errand_is_due(&f->askers[0]));
	errand_read_file(&f->errands, &f->askers[0], ERRAND_READ, file, 0, 10);
	assert_true(errand_is_due(&f->askers[0]));
	assert_null(errand_feed(&f->errands));
	f->errands.nfilled = nfilled;
	assert_ptr_equal(errand_feed(&f->errands), &f->askers[0]);
	assert_false(errand_is_due(&f->askers[0]));
	assert_null(errand_feed(&f->errands));
	file_put(&f->files, &file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_asker_holds_what_came_until_it_is_settled, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_those_who_want_the_same_share_it, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_who_came_too_late_must_do_without, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_who_holds_much_opens_the_rest_itself, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_bytes_come_as_far_as_there_are_some, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_file_stays_open_for_an_errand_that_nobody_wants, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_who_reads_waits_for_room_and_who_asks_is_refused,
		    setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
