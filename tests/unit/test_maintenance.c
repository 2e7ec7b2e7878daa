/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/maintenance.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { SITE_OPEN, SITE_ON, SITE_FLAG, SITE_HOPELESS, SITES };

struct fixture {
	char dir[64];
	char flag[80];
	char hopeless[400];
	struct conf_site confs[SITES];
	struct conf conf;
	struct site sites[SITES];
	struct maintenance maintenance;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/tined-closed-XXXXXX");
	if (mkdtemp(f->dir) == NULL)
		return -1;
	(void)snprintf(f->flag, sizeof(f->flag), "%s/flag", f->dir);
	/* A name that no file can have: an error that says nothing. */
	memset(f->hopeless, 'x', sizeof(f->hopeless) - 1);
	f->hopeless[0] = '/';
	f->confs[SITE_OPEN].maintenance = "off";
	f->confs[SITE_ON].maintenance = "on";
	f->confs[SITE_FLAG].maintenance = f->flag;
	f->confs[SITE_HOPELESS].maintenance = f->hopeless;
	f->conf = (struct conf){ .sites = f->confs, .nsites = SITES };
	for (unsigned i = 0; i < SITES; i++)
		f->sites[i].conf = &f->confs[i];
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	maintenance_close(&f->maintenance);
	(void)unlink(f->flag);
	(void)rmdir(f->dir);
	free(f);
	return 0;
}

static void
raise_flag(const struct fixture *f)
{
	int fd = open(f->flag, O_WRONLY | O_CREAT, 0600);

	assert_int_not_equal(fd, -1);
	assert_int_equal(close(fd), 0);
}

static void
begin(struct fixture *f)
{
	assert_int_equal(maintenance_open(&f->maintenance, &f->conf), 0);
	maintenance_tell(&f->maintenance, f->sites);
}

static void
test_a_site_is_closed_as_long_as_its_flag_is_there(void **state)
{
	struct fixture *f = *state;
	struct site *site = &f->sites[SITE_FLAG];

	begin(f);
	assert_false(site_is_closed(site));
	raise_flag(f);
	assert_false(site_is_closed(site));
	assert_true(maintenance_look(&f->maintenance, &f->conf, SITE_FLAG));
	assert_true(site_is_closed(site));
	assert_false(maintenance_look(&f->maintenance, &f->conf, SITE_FLAG));
	assert_int_equal(unlink(f->flag), 0);
	assert_true(maintenance_look(&f->maintenance, &f->conf, SITE_FLAG));
	assert_false(site_is_closed(site));
}

static void
test_a_flag_that_is_there_at_the_start_counts(void **state)
{
	struct fixture *f = *state;

	raise_flag(f);
	begin(f);
	assert_true(site_is_closed(&f->sites[SITE_FLAG]));
}

static void
test_without_a_flag_nothing_is_looked_at(void **state)
{
	struct fixture *f = *state;

	begin(f);
	assert_false(maintenance_look(&f->maintenance, &f->conf, SITE_OPEN));
	assert_false(maintenance_look(&f->maintenance, &f->conf, SITE_ON));
	assert_false(site_is_closed(&f->sites[SITE_OPEN]));
	assert_null(f->sites[SITE_OPEN].closed);
	assert_true(site_is_closed(&f->sites[SITE_ON]));
	assert_true(maintenance_has_flags(&f->conf));
	f->conf.nsites = SITE_FLAG;
	assert_false(maintenance_has_flags(&f->conf));
	f->conf.nsites = SITES;
}

static void
test_a_flag_that_cannot_be_looked_at_changes_nothing(void **state)
{
	struct fixture *f = *state;

	begin(f);
	assert_false(
	    maintenance_look(&f->maintenance, &f->conf, SITE_HOPELESS));
	assert_false(site_is_closed(&f->sites[SITE_HOPELESS]));
}

/* Something else may have taken the place of the folder. */
static void
test_a_flag_below_a_file_is_not_there(void **state)
{
	struct fixture *f = *state;
	char below[sizeof(f->flag) + 8];

	raise_flag(f);
	(void)snprintf(below, sizeof(below), "%s/x", f->flag);
	f->confs[SITE_FLAG].maintenance = below;
	begin(f);
	assert_false(site_is_closed(&f->sites[SITE_FLAG]));
}

static void
test_closing_twice_is_harmless(void **state)
{
	struct fixture *f = *state;

	begin(f);
	maintenance_close(&f->maintenance);
	maintenance_close(&f->maintenance);
	assert_null(f->maintenance.closed);
}

static void
test_another_process_sees_it(void **state)
{
	struct fixture *f = *state;
	int status;
	pid_t pid;

	begin(f);
	raise_flag(f);
	pid = fork();
	if (pid == 0)
		_exit(maintenance_look(&f->maintenance, &f->conf, SITE_FLAG)
			  ? 0
			  : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(site_is_closed(&f->sites[SITE_FLAG]));
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_site_is_closed_as_long_as_its_flag_is_there),
		TEST(a_flag_that_is_there_at_the_start_counts),
		TEST(without_a_flag_nothing_is_looked_at),
		TEST(a_flag_that_cannot_be_looked_at_changes_nothing),
		TEST(a_flag_below_a_file_is_not_there),
		TEST(closing_twice_is_harmless),
		TEST(another_process_sees_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
