/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/beneath.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOBODY 65534

static char dir[] = "/tmp/tined-beneath-XXXXXX";
static int root_fd;

static void
make_file(const char *name)
{
	int fd = open(name, O_CREAT | O_WRONLY, 0644);

	assert_int_not_equal(fd, -1);
	(void)close(fd);
}

/* A tree with every kind of link: dir/root is the root, dir the outside. */
static int
setup(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL || chdir(dir) == -1)
		return -1;
	make_file("outside");
	assert_int_equal(mkdir("root", 0755), 0);
	assert_int_equal(mkdir("root/folder", 0755), 0);
	make_file("root/file");
	make_file("root/folder/inner");
	assert_int_equal(symlink("file", "root/to-file"), 0);
	assert_int_equal(symlink("../file", "root/folder/up-and-in"), 0);
	assert_int_equal(symlink("folder", "root/to-folder"), 0);
	assert_int_equal(symlink("to-file", "root/to-link"), 0);
	assert_int_equal(symlink("../outside", "root/out"), 0);
	assert_int_equal(symlink("/etc/passwd", "root/absolute"), 0);
	assert_int_equal(symlink("loop", "root/loop"), 0);
	assert_int_equal(symlink("missing", "root/dangling"), 0);
	assert_int_equal(mkfifo("root/fifo", 0644), 0);
	root_fd = beneath_open_root("root");
	return root_fd == -1 ? -1 : 0;
}

static int
teardown(void **state)
{
	char command[128];

	(void)state;
	(void)close(root_fd);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return system(command);
}

/* 0 when path opens, else the errno. */
static int
try_open(const char *path, enum beneath_symlinks symlinks, struct stat *st)
{
	int fd = beneath_open(root_fd, path, symlinks, st);

	if (fd == -1)
		return errno;
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	(void)close(fd);
	return 0;
}

static int
try_walk(const char *path, enum beneath_symlinks symlinks)
{
	int fd = beneath_walk(root_fd, path, symlinks);

	if (fd == -1)
		return errno;
	(void)close(fd);
	return 0;
}

static const struct {
	const char *path;
	int deny, within, owner, follow; /* errno; 0: opens */
} cases[] = {
	{ "", 0, 0, 0, 0 },
	{ "file", 0, 0, 0, 0 },
	{ "folder", 0, 0, 0, 0 },
	{ "folder/", 0, 0, 0, 0 },
	{ "folder/inner", 0, 0, 0, 0 },
	{ "missing", ENOENT, ENOENT, ENOENT, ENOENT },
	{ "missing/file", ENOENT, ENOENT, ENOENT, ENOENT },
	{ "file/", ENOTDIR, ENOTDIR, ENOTDIR, ENOTDIR },
	{ "file/inner", ENOTDIR, ENOTDIR, ENOTDIR, ENOTDIR },
	{ "to-file", ELOOP, 0, 0, 0 },
	{ "to-link", ELOOP, 0, 0, 0 },
	{ "to-folder/inner", ELOOP, 0, 0, 0 },
	{ "folder/up-and-in", ELOOP, 0, 0, 0 },
	{ "out", ELOOP, EXDEV, 0, 0 },
	{ "absolute", ELOOP, EXDEV, 0, 0 },
	{ "loop", ELOOP, ELOOP, ELOOP, ELOOP },
	{ "dangling", ELOOP, ENOENT, ENOENT, ENOENT },
	{ "..", EXDEV, EXDEV, EXDEV, EXDEV },
	{ "../outside", EXDEV, EXDEV, EXDEV, EXDEV },
	{ "folder/../../outside", EXDEV, EXDEV, EXDEV, EXDEV },
	{ "/etc/passwd", EXDEV, EXDEV, EXDEV, EXDEV },
};

#define NCASES (sizeof(cases) / sizeof(cases[0]))

static void
check(const char *path, const char *how, int got, int want)
{
	if (got != want)
		fail_msg("\"%s\", %s: %s, not %s", path, how, strerror(got),
		    strerror(want));
}

static void
test_links_are_followed_as_the_policy_says(void **state)
{
	struct stat st;
	const char *path;
	size_t i;

	(void)state;
	for (i = 0; i < NCASES; i++) {
		path = cases[i].path;
		check(path, "deny", try_open(path, BENEATH_DENY, &st),
		    cases[i].deny);
		check(path, "within", try_open(path, BENEATH_WITHIN, &st),
		    cases[i].within);
		check(path, "owner", try_open(path, BENEATH_OWNER, &st),
		    cases[i].owner);
		check(path, "follow", try_open(path, BENEATH_FOLLOW, &st),
		    cases[i].follow);
	}
}

static void
test_without_openat2_every_link_is_refused(void **state)
{
	const char *path;
	size_t i;

	(void)state;
	for (i = 0; i < NCASES; i++) {
		path = cases[i].path;
		/* Paths with ".." never come this far. */
		if (cases[i].deny == EXDEV)
			continue;
		check(
		    path, "deny", try_walk(path, BENEATH_DENY), cases[i].deny);
		check(path, "within", try_walk(path, BENEATH_WITHIN),
		    cases[i].deny);
	}
}

static void
test_what_was_opened_is_described(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(try_open("file", BENEATH_DENY, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(try_open("folder", BENEATH_DENY, &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(try_open("to-file", BENEATH_OWNER, &st), 0);
	assert_true(S_ISREG(st.st_mode));
}

static void
test_a_fifo_without_a_writer_does_not_make_us_wait(void **state)
{
	struct stat st;

	(void)state;
	(void)alarm(10);
	assert_int_equal(try_open("fifo", BENEATH_DENY, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	assert_int_equal(try_open("fifo", BENEATH_OWNER, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	(void)alarm(0);
}

static void
test_a_link_of_another_owner_is_refused(void **state)
{
	struct stat st;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(symlink("file", "root/foreign"), 0);
	assert_int_equal(lchown("root/foreign", NOBODY, NOBODY), 0);
	assert_int_equal(try_open("foreign", BENEATH_OWNER, &st), ELOOP);
	assert_int_equal(try_open("foreign", BENEATH_WITHIN, &st), 0);
	/* Both theirs: allowed. */
	make_file("root/theirs");
	assert_int_equal(chown("root/theirs", NOBODY, NOBODY), 0);
	assert_int_equal(symlink("theirs", "root/to-theirs"), 0);
	assert_int_equal(lchown("root/to-theirs", NOBODY, NOBODY), 0);
	assert_int_equal(try_open("to-theirs", BENEATH_OWNER, &st), 0);
}

static void
test_every_link_of_a_chain_must_have_the_owner(void **state)
{
	struct stat st;

	(void)state;
	if (geteuid() != 0)
		skip();
	/* ours -> theirs -> ours: the one in the middle leads to ours. */
	assert_int_equal(symlink("file", "root/middle"), 0);
	assert_int_equal(lchown("root/middle", NOBODY, NOBODY), 0);
	assert_int_equal(symlink("middle", "root/chain"), 0);
	assert_int_equal(try_open("chain", BENEATH_OWNER, &st), ELOOP);
	/* A foreign link in the way, not at the end. */
	assert_int_equal(symlink("folder", "root/foreign-folder"), 0);
	assert_int_equal(lchown("root/foreign-folder", NOBODY, NOBODY), 0);
	assert_int_equal(
	    try_open("foreign-folder/inner", BENEATH_OWNER, &st), ELOOP);
}

static void
test_a_root_may_be_a_link_and_must_be_a_folder(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(symlink("root", "to-root"), 0);
	fd = beneath_open_root("to-root");
	assert_int_not_equal(fd, -1);
	(void)close(fd);
	assert_int_equal(beneath_open_root("outside"), -1);
	assert_int_equal(errno, ENOTDIR);
	assert_int_equal(beneath_open_root("nothing"), -1);
	assert_int_equal(errno, ENOENT);
}

/* 0 when path opens without a wait, else the errno. */
static int
try_open_now(const char *path, enum beneath_symlinks symlinks)
{
	struct stat st;
	int fd = beneath_open_now(root_fd, path, symlinks, &st);

	if (fd == -1)
		return errno;
	(void)close(fd);
	return 0;
}

static void
test_what_is_known_opens_the_same_without_a_wait(void **state)
{
	static const enum beneath_symlinks policies[] = { BENEATH_DENY,
		BENEATH_WITHIN, BENEATH_OWNER, BENEATH_FOLLOW };
	struct stat st;

	(void)state;
	for (size_t i = 0; i < NCASES; i++)
		for (size_t j = 0; j < 4; j++) {
			const char *path = cases[i].path;
			int want = try_open(path, policies[j], &st);
			int got = try_open_now(path, policies[j]);

			/* Or it does not know: then somebody has to wait. */
			if (got != EAGAIN)
				check(path, "now", got, want);
		}
	(void)try_open("folder/inner", BENEATH_DENY, &st);
	assert_int_equal(try_open_now("folder/inner", BENEATH_DENY), 0);
	assert_int_equal(try_open_now("folder/inner", BENEATH_WITHIN), 0);
	assert_int_equal(try_open_now("to-file", BENEATH_DENY), ELOOP);
}

static void
test_another_file_system_is_never_opened_without_a_wait(void **state)
{
	int fd = beneath_open_root("/");
	struct stat st;

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_int_equal(
	    beneath_open_now(fd, "proc/self/status", BENEATH_FOLLOW, &st), -1);
	assert_int_equal(errno, EAGAIN);
	(void)close(fd);
}

static void
test_no_descriptor_is_left_behind(void **state)
{
	struct stat st;
	int before, after;
	size_t i;

	(void)state;
	before = dup(root_fd);
	(void)close(before);
	for (i = 0; i < NCASES; i++) {
		(void)try_open(cases[i].path, BENEATH_DENY, &st);
		(void)try_open(cases[i].path, BENEATH_OWNER, &st);
	}
	after = dup(root_fd);
	(void)close(after);
	assert_int_equal(before, after);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_links_are_followed_as_the_policy_says),
		cmocka_unit_test(test_without_openat2_every_link_is_refused),
		cmocka_unit_test(test_what_was_opened_is_described),
		cmocka_unit_test(
		    test_a_fifo_without_a_writer_does_not_make_us_wait),
		cmocka_unit_test(test_a_link_of_another_owner_is_refused),
		cmocka_unit_test(
		    test_every_link_of_a_chain_must_have_the_owner),
		cmocka_unit_test(
		    test_a_root_may_be_a_link_and_must_be_a_folder),
		cmocka_unit_test(
		    test_what_is_known_opens_the_same_without_a_wait),
		cmocka_unit_test(
		    test_another_file_system_is_never_opened_without_a_wait),
		cmocka_unit_test(test_no_descriptor_is_left_behind),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
