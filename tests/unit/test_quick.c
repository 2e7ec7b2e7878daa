/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/quick.h"

#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* A folder for each test, and what became of it. */
static char dir[64];
static struct conf *conf;
static struct conf_errors errors;

static int
setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/test_quick.XXXXXX");
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	conf_free(&conf);
	conf_errors_fini(&errors);
	return remove(dir);
}

static void
assert_loads(const char *port, const struct conf_overrides *overrides)
{
	conf = quick_load(dir, port, overrides, &errors);
	if (conf == NULL)
		fail_msg("%s", errors.lines[0]);
}

static void
test_it_serves_a_folder_on_loopback(void **state)
{
	const struct conf_list *addresses;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/../%s", dir, strrchr(dir, '/') + 1);
	conf = quick_load(path, NULL, NULL, &errors);
	assert_non_null(conf);
	assert_string_equal(conf->sites[0].root, dir);
	assert_string_equal(conf->error_log.path, "stderr");
	assert_string_equal(conf->access_log.path, "stdout");
	addresses = &conf->listens[0].addresses;
	assert_int_equal(addresses->nitems, 1);
	assert_string_equal(addresses->items[0], "127.0.0.1:8080");
	assert_string_equal(addresses->origins[0].file, "DIR");
	assert_true(quick_has_default_port(conf));
	assert_string_equal(conf->server.user, geteuid() == 0 ? "nobody" : "");
	assert_int_equal(conf_check_system(conf, &errors), 0);
}

static void
test_a_port_that_was_asked_for_is_the_only_one(void **state)
{
	const struct conf_list *addresses;

	(void)state;
	assert_loads("9000", NULL);
	addresses = &conf->listens[0].addresses;
	assert_int_equal(addresses->nitems, 1);
	assert_string_equal(addresses->items[0], "9000");
	assert_string_equal(addresses->origins[0].file, "-p");
	assert_false(quick_has_default_port(conf));
}

static void
test_a_port_is_a_number(void **state)
{
	static const char *const ports[] = { "", "http", "65536", "-1",
		"127.0.0.1:80", "unix:/x", "80 81" };
	char line[128];

	(void)state;
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		assert_null(quick_load(dir, ports[i], NULL, &errors));
		snprintf(line, sizeof(line),
		    "-p \"%s\": a port is a number from 0 to 65535", ports[i]);
		assert_int_equal(errors.nlines, 1);
		assert_string_equal(errors.lines[0], line);
		conf_errors_fini(&errors);
	}
}

static void
test_arguments_win_over_the_environment(void **state)
{
	const char *const environment[] = { "TINED_SERVER_USER=daemon",
		"TINED_LISTEN_ADDRESS=127.0.0.2:81 127.0.0.2:82",
		"TINED_SITE_ROOT=/elsewhere", NULL };
	const char *const options[] = { "limits.fields=7" };
	const struct conf_overrides overrides = { environment, options, 1 };

	(void)state;
	assert_loads(NULL, &overrides);
	assert_int_equal(conf->listens[0].addresses.nitems, 2);
	assert_string_equal(
	    conf->listens[0].addresses.items[1], "127.0.0.2:82");
	assert_false(quick_has_default_port(conf));
	assert_string_equal(conf->server.user, "daemon");
	assert_string_equal(conf->sites[0].root, dir);
	assert_int_equal(conf->limits.fields, 7);
	conf_free(&conf);
	assert_loads("9000", &overrides);
	assert_int_equal(conf->listens[0].addresses.nitems, 1);
	assert_string_equal(conf->listens[0].addresses.items[0], "9000");
}

static void
test_dir_is_the_only_root(void **state)
{
	const char *const options[] = { "site.root=/elsewhere" };
	const struct conf_overrides overrides = { NULL, options, 1 };

	(void)state;
	assert_null(quick_load(dir, NULL, &overrides, &errors));
	assert_int_equal(errors.nlines, 1);
	assert_string_equal(errors.lines[0],
	    "-o site.root: already set at DIR; take one of them out");
}

static void
test_what_would_do_nothing_is_a_warning(void **state)
{
	const char *const options[] = { "server.watch_config=yes" };
	const struct conf_overrides overrides = { NULL, options, 1 };

	(void)state;
	assert_loads(NULL, &overrides);
	assert_int_equal(errors.nwarnings, 1);
	assert_string_equal(errors.warnings[0],
	    "-o warning: server.watch_config: DIR has no configuration to "
	    "watch");
}

static void
test_root_serves_the_folder_as_its_owner(void **state)
{
	const struct passwd *owner = getpwnam("daemon");

	(void)state;
	assert_non_null(owner);
	/* Who is not root stays who it is. */
	if (geteuid() == 0)
		assert_int_equal(chown(dir, owner->pw_uid, 0), 0);
	assert_loads(NULL, NULL);
	assert_string_equal(conf->server.user, geteuid() == 0 ? "daemon" : "");
}

static void
test_it_needs_a_folder(void **state)
{
	char path[128], line[256];

	(void)state;
	snprintf(path, sizeof(path), "%s/www", dir);
	assert_null(quick_load(path, NULL, NULL, &errors));
	snprintf(line, sizeof(line),
	    "%s: No such file or directory; name a folder to serve", path);
	assert_int_equal(errors.nlines, 1);
	assert_string_equal(errors.lines[0], line);
	conf_errors_fini(&errors);
	assert_null(quick_load("/dev/null", NULL, NULL, &errors));
	assert_int_equal(errors.nlines, 1);
	assert_string_equal(errors.lines[0],
	    "/dev/null: Not a directory; name a folder to serve");
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_serves_a_folder_on_loopback),
		TEST(a_port_that_was_asked_for_is_the_only_one),
		TEST(a_port_is_a_number),
		TEST(arguments_win_over_the_environment),
		TEST(dir_is_the_only_root),
		TEST(what_would_do_nothing_is_a_warning),
		TEST(root_serves_the_folder_as_its_owner),
		TEST(it_needs_a_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
