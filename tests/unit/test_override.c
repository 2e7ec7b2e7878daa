/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/override.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "expand.h"

#include "conf/dump.h"

#define REST "[listen]\naddress = 8080\n[site]\nroot = /srv/www\n"

/* What both say at most, ended by NULL. */
#define SAID 6

static struct conf *conf;
static struct conf_errors errors;

static int
teardown(void **state)
{
	(void)state;
	conf_free(&conf);
	conf_errors_fini(&errors);
	return 0;
}

/* Loads text, which is called "f" in all lines, with overrides. */
static struct conf *
load_text(const char *text, const char *const variables[SAID],
    const char *const options[SAID])
{
	char dir[] = "/tmp/test_override.XXXXXX";
	struct conf_overrides overrides = { variables, options, 0 };
	FILE *file;

	(void)teardown(NULL);
	while (options[overrides.noptions] != NULL)
		overrides.noptions++;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	file = fopen("f", "w");
	assert_non_null(file);
	assert_int_not_equal(fputs(text, file), EOF);
	assert_int_equal(fclose(file), 0);
	conf = conf_load("f", &overrides, &errors);
	assert_int_equal(unlink("f"), 0);
	assert_int_equal(rmdir(dir), 0);
	return conf;
}

static const struct error_case {
	const char *name;
	const char *variables[SAID];
	const char *options[SAID];
	const char *error;
} error_cases[] = {
	{ "unknown section", { NULL }, { "servr.user=a" },
	    "-o \"servr\": unknown section; allowed: @@; did you mean "
	    "\"server\"?" },
	{ "unknown key", { NULL }, { "server.worker=1" },
	    "-o server.worker: unknown key; allowed: @server@; did you mean "
	    "\"workers\"?" },
	{ "bad value of an option", { NULL }, { "server.workers=many" },
	    "-o server.workers: \"many\": not a number; allowed: auto, 0 to "
	    "256" },
	{ "bad value of a variable", { "TINED_SERVER_WORKERS=many" }, { NULL },
	    "TINED_SERVER_WORKERS: server.workers: \"many\": not a number; "
	    "allowed: auto, 0 to 256" },
	{ "empty value of a variable", { "TINED_SERVER_WORKERS=" }, { NULL },
	    "TINED_SERVER_WORKERS: server.workers: \"\": not a number; "
	    "allowed: auto, 0 to 256" },
	{ "control byte in a variable", { "TINED_SERVER_USER=a\n" }, { NULL },
	    "TINED_SERVER_USER: control byte 0x0a in the value; allowed: text "
	    "and tabs" },
	{ "control byte in an option", { NULL }, { "site.root=/a\033[2J" },
	    "-o control byte 0x1b in the value; allowed: text and tabs" },
	{ "no equals sign", { NULL }, { "server.workers" },
	    "-o \"server.workers\": not SECTION.KEY=VALUE, as in "
	    "server.workers=2" },
	{ "no section", { NULL }, { "workers=2" },
	    "-o \"workers=2\": not SECTION.KEY=VALUE, as in server.workers=2; "
	    "did you mean server.workers?" },
	{ "a dot in the value alone", { NULL }, { "root=/a.b" },
	    "-o \"root=/a.b\": not SECTION.KEY=VALUE, as in server.workers=2; "
	    "did you mean site.root?" },
	{ "nothing", { NULL }, { "" },
	    "-o \"\": not SECTION.KEY=VALUE, as in server.workers=2" },
	{ "no key", { NULL }, { "server.=2" },
	    "-o \"server.=2\": not SECTION.KEY=VALUE, as in server.workers=2" },
	{ "what no file could name", { NULL }, { "site:a]b.root=/a" },
	    "-o \"site:a]b.root=/a\": not SECTION.KEY=VALUE, as in "
	    "server.workers=2" },
	{ "blanks in a key", { NULL }, { "server.user = a" },
	    "-o \"server.user = a\": not SECTION.KEY=VALUE, as in "
	    "server.workers=2" },
	{ "name for a section that takes none", { NULL },
	    { "server:x.workers=2" },
	    "-o server: this section takes no name; write [server]" },
	{ "a redirect that is none", { NULL }, { "redirect./a=b" },
	    "-o redirect./a: \"b\": neither a path nor a URL with http:// or "
	    "https://; allowed: /PATH or https://HOST/PATH, 301, 302, 303, "
	    "307 or 308 behind it, noquery; 410" },
	{ "a redirect of no path", { NULL }, { "redirect.a=/b" },
	    "-o \"redirect.a=/b\": not SECTION.KEY=VALUE, as in "
	    "server.workers=2" },
	{ "a path where a key has to be", { NULL }, { "site./a=/b" },
	    "-o site./a: unknown key; allowed: @site@" },
	{ "twice", { NULL }, { "server.user=a", "server.user=b" },
	    "-o server.user: already set at -o; take one of them out" },
	{ "old and new name", { NULL },
	    { "error_log.level=warn", "server.log_level=warn" },
	    "-o server.log_level: the old name of error_log.level, which is "
	    "set at -o; take one of them out" },
	{ "an address that a file has", { NULL },
	    { "listen:b.address=127.0.0.1:8080" },
	    "-o listen.address: \"127.0.0.1:8080\": listened on already, at "
	    "f:2; take one of them out" },
	{ "a second site without hosts", { NULL }, { "site:b.root=/b" },
	    "-o site.hosts: a second site without hosts, the first is at f:3; "
	    "give hosts to one of them" },
	{ "required key of a new section", { NULL }, { "site:b.hosts=b" },
	    "-o site.root: required, but not set; write root = "
	    "/var/www/html" },
	{ "limits that contradict the file", { NULL }, { "limits.target=64k" },
	    "-o limits.target: 65536 bytes: not below limits.head, which is "
	    "16384; lower the target or raise the head" },
};

static void
test_every_mistake_is_told_with_its_place(void **state)
{
	char text[EXPAND_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(error_cases) / sizeof(error_cases[0]);
	     i++) {
		const struct error_case *row = &error_cases[i];

		if (load_text(REST, row->variables, row->options) != NULL)
			fail_msg("%s: loads", row->name);
		if (errors.nlines != 1 ||
		    strcmp(errors.lines[0], expand(text, row->error)) != 0)
			fail_msg("%s: %u lines\n%s", row->name, errors.nlines,
			    errors.lines[0]);
	}
}

static const char *const nothing[SAID] = { NULL };

static void
assert_loads(const char *text, const char *const variables[SAID],
    const char *const options[SAID])
{
	if (load_text(text, variables, options) == NULL)
		fail_msg("%s", errors.lines[0]);
}

static void
test_options_win_over_variables_and_both_over_files(void **state)
{
	static const char text[] = "[server]\nuser = file\ngroup = file\n"
				   "[timeouts]\nhead = 1s\n" REST;
	static const char *const variables[SAID] = { "TINED_SERVER_USER=env",
		"TINED_SERVER_GROUP=env", "TINED_ACCESS_LOG_PATH=/env" };
	static const char *const options[SAID] = { "server.user=option",
		"timeouts.body=2s" };

	(void)state;
	assert_loads(text, variables, options);
	assert_string_equal(conf->server.user, "option");
	assert_string_equal(conf->server.group, "env");
	assert_string_equal(conf->access_log.path, "/env");
	assert_int_equal(conf->timeouts.head_ms, 1000);
	assert_int_equal(conf->timeouts.body_ms, 2000);
	assert_int_equal(conf->timeouts.send_ms, 30000);
	assert_int_equal(errors.nwarnings, 0);
}

static void
test_an_option_has_a_path_for_a_key_where_a_file_has(void **state)
{
	static const struct {
		const char *options[SAID];
		const char *path;
	} rows[] = {
		{ { "redirect./a.b=/c?d=e" }, "/a.b" },
		{ { "redirect:b.c./x/*=/y/*", "site:b.c.root=/b",
		      "site:b.c.hosts=b" },
		    "/x/*" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_loads(REST, nothing, rows[i].options);
		assert_int_equal(conf->nredirects, 1);
		assert_int_equal(conf->redirects[0].pairs.nitems, 1);
		assert_string_equal(
		    conf->redirects[0].pairs.items[0].name, rows[i].path);
	}
}

static void
assert_items(const struct conf_list *list, const char *first,
    const char *second, const char *file)
{
	assert_int_equal(list->nitems, 2);
	assert_string_equal(list->items[0], first);
	assert_string_equal(list->items[1], second);
	assert_string_equal(list->origins[0].file, file);
	assert_string_equal(list->origins[1].file, file);
}

static void
test_a_list_is_replaced_whole(void **state)
{
	static const char text[] = REST "index = a b\nindex = c\n";
	static const char *const variables[SAID] = { "TINED_SITE_INDEX=d e" };
	static const char *const options[SAID] = { "site.index=f",
		"site.index=g" };

	(void)state;
	assert_loads(text, variables, nothing);
	assert_items(&conf->sites[0].index, "d", "e", "TINED_SITE_INDEX");
	assert_loads(text, variables, options);
	assert_items(&conf->sites[0].index, "f", "g", "-o");
	/* The default is replaced like the rest. */
	assert_loads(REST, nothing, options);
	assert_items(&conf->sites[0].index, "f", "g", "-o");
}

static void
test_a_section_with_a_name_is_set_by_options(void **state)
{
	static const char text[] =
	    REST "[site:www.a.example]\nroot = /a\nhosts = a\n";
	static const char *const options[SAID] = {
		"site:www.a.example.root=/a=b.c",
		"site:new.root=/new",
		"site:new.hosts=n m",
	};

	(void)state;
	assert_loads(text, nothing, options);
	assert_int_equal(conf->nsites, 3);
	assert_string_equal(conf->sites[1].root, "/a=b.c");
	assert_string_equal(conf->sites[2].name, "new");
	assert_string_equal(conf->sites[2].root, "/new");
	assert_items(&conf->sites[2].hosts, "n", "m", "-o");
}

static void
test_a_media_type_is_set_by_an_option(void **state)
{
	static const char text[] = REST "[mime]\nx = a/x\ny = a/y\n";
	static const char *const options[SAID] = { "mime.Y=b/y; q=\"=.\"",
		"mime.tar.zst=application/zstd" };

	(void)state;
	assert_loads(text, nothing, options);
	assert_int_equal(conf->mime.map.noverrides, 3);
	assert_true(span_equal(conf->mime.map.overrides[0].type, SPAN("a/x")));
	assert_true(span_equal(
	    conf->mime.map.overrides[1].type, SPAN("b/y; q=\"=.\"")));
	assert_true(
	    span_equal(conf->mime.map.overrides[2].ending, SPAN("tar.zst")));
}

static void
test_without_any_file_options_are_enough(void **state)
{
	static const char *const variables[SAID] = {
		"TINED_LISTEN_ADDRESS=127.0.0.1:0"
	};
	static const char *const options[SAID] = { "site.root=/srv/www" };
	const struct conf_overrides one = { nothing, options, 1 };

	(void)state;
	assert_loads("", variables, options);
	assert_string_equal(conf->sites[0].root, "/srv/www");
	conf_free(&conf);
	conf = conf_load("/dev/null", &one, &errors);
	assert_null(conf);
	assert_int_equal(errors.nlines, 1);
	assert_string_equal(errors.lines[0],
	    "/dev/null:1: listen: no [listen] section; write [listen] and "
	    "below it address = 127.0.0.1:8080");
}

static void
test_a_mistake_in_a_file_stays_one(void **state)
{
	static const char *const options[SAID] = { "server.workers=2" };

	(void)state;
	assert_null(
	    load_text("[server]\nworkers = many\n" REST, nothing, options));
	assert_int_equal(errors.nlines, 1);
}

static void
test_an_old_name_works_everywhere(void **state)
{
	static const char *const variables[SAID] = {
		"TINED_SERVER_LOG_LEVEL=warn"
	};
	static const char *const options[SAID] = { "server.error_log=/e" };

	(void)state;
	assert_loads(
	    "[error_log]\nlevel = info\npath = /f\n" REST, variables, options);
	assert_int_equal(conf->error_log.level, LOG_LEVEL_WARN);
	assert_string_equal(conf->error_log.path, "/e");
	assert_int_equal(errors.nwarnings, 2);
	assert_string_equal(errors.warnings[0],
	    "TINED_SERVER_LOG_LEVEL: warning: server.log_level: an old name; "
	    "the key is error_log.level now");
	assert_string_equal(errors.warnings[1],
	    "-o warning: server.error_log: an old name; the key is "
	    "error_log.path now");
}

static const struct variable_case {
	const char *variable;
	const char *warning; /* NULL: none */
} variable_cases[] = {
	{ "TINED_SERVER_WORKRES=2",
	    "TINED_SERVER_WORKRES: warning: no key has this variable; did you "
	    "mean \"TINED_SERVER_WORKERS\"?" },
	{ "TINED_SERVER_workers=2",
	    "TINED_SERVER_workers: warning: no key has this variable; did you "
	    "mean \"TINED_SERVER_WORKERS\"?" },
	{ "TINED_WORKERS=2",
	    "TINED_WORKERS: warning: no key has this variable; did you mean "
	    "\"TINED_SERVER_WORKERS\"?" },
	{ "TINED_MIME_ZZZ=a/b",
	    "TINED_MIME_ZZZ: warning: no key has this variable; take it out, "
	    "or see tined.ini(5)" },
	{ "TINED_=",
	    "TINED_: warning: no key has this variable; take it out, or see "
	    "tined.ini(5)" },
	{ "TINED_x\033[2J=1",
	    "TINED_x\\x1B[2J: warning: no key has this variable; take it out, "
	    "or see tined.ini(5)" },
	{ "TINED_NOEQUALS",
	    "TINED_NOEQUALS: warning: no key has this variable; take it out, "
	    "or see tined.ini(5)" },
	{ "TINED=/usr/bin/tined", NULL },
	{ "tined_server_workers=2", NULL },
	{ "TINED_SERVICE_HOST=10.0.0.1", NULL },
	{ "TINED_UPGRADE=3", NULL },
	{ "TINED_PORT=tcp://10.0.0.1:80", NULL },
	{ "TINED_PORT_80_TCP_ADDR=10.0.0.1", NULL },
};

static void
test_an_unknown_variable_is_a_warning(void **state)
{
	(void)state;
	for (size_t i = 0;
	     i < sizeof(variable_cases) / sizeof(variable_cases[0]); i++) {
		const struct variable_case *row = &variable_cases[i];
		const char *const variables[SAID] = { row->variable };

		assert_loads(REST, variables, nothing);
		assert_int_equal(conf->server.workers, 0);
		assert_int_equal(errors.nwarnings, row->warning != NULL);
		if (row->warning != NULL)
			assert_string_equal(errors.warnings[0], row->warning);
	}
}

static void
test_every_key_has_a_variable_of_its_own(void **state)
{
	char name[OVERRIDE_NAME], other[OVERRIDE_NAME];

	(void)state;
	for (unsigned i = 0; i < keys_nsections; i++)
		for (unsigned j = 0; j < keys_sections[i].nkeys; j++) {
			const struct key_section *section = &keys_sections[i];
			unsigned n = 0;

			override_name(
			    name, section->name, section->keys[j].name);
			assert_int_equal(strlen(name),
			    strlen("TINED__") + strlen(section->name) +
				strlen(section->keys[j].name));
			assert_null(strstr(name, "TINED_PORT"));
			assert_null(strstr(name, "TINED_SERVICE_"));
			assert_null(strstr(name, "TINED_UPGRADE"));
			for (unsigned k = 0; k < keys_nsections; k++)
				for (unsigned l = 0; l < keys_sections[k].nkeys;
				     l++)
					n += strcmp(name,
						 override_name(other,
						     keys_sections[k].name,
						     keys_sections[k]
							 .keys[l]
							 .name)) == 0;
			assert_int_equal(n, 1);
		}
}

static void
test_overrides_are_shown_with_their_origin(void **state)
{
	static const char *const variables[SAID] = { "TINED_SERVER_USER=env" };
	static const char *const options[SAID] = { "server.workers=3" };
	char *dump = NULL;
	size_t len;
	FILE *out = open_memstream(&dump, &len);

	(void)state;
	assert_loads(REST, variables, options);
	assert_non_null(out);
	dump_values(conf, out);
	assert_int_equal(fclose(out), 0);
	assert_non_null(strstr(dump, "\nworkers = 3 ; -o\n"));
	assert_non_null(strstr(dump, "\nuser = env ; TINED_SERVER_USER\n"));
	/* It is a file again. */
	assert_loads(dump, nothing, nothing);
	assert_int_equal(conf->server.workers, 3);
	assert_string_equal(conf->server.user, "env");
	free(dump);
}

#define TEST(name) cmocka_unit_test_teardown(test_##name, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_mistake_is_told_with_its_place),
		TEST(options_win_over_variables_and_both_over_files),
		TEST(an_option_has_a_path_for_a_key_where_a_file_has),
		TEST(a_list_is_replaced_whole),
		TEST(a_section_with_a_name_is_set_by_options),
		TEST(a_media_type_is_set_by_an_option),
		TEST(without_any_file_options_are_enough),
		TEST(a_mistake_in_a_file_stays_one),
		TEST(an_old_name_works_everywhere),
		TEST(an_unknown_variable_is_a_warning),
		TEST(every_key_has_a_variable_of_its_own),
		TEST(overrides_are_shown_with_their_origin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
