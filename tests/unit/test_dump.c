/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/dump.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf/keys.h"
#include "conf/quick.h"

#define TEN(text) text text text text text text text text text text

#define REST "[listen]\naddress = 8080\n[site]\nroot = /srv/www\n"

/* Loads a configuration from a file that is gone afterwards. */
static struct conf *
load_text(const char *text)
{
	char path[] = "/tmp/test_dump.XXXXXX";
	struct conf_errors errors = { 0 };
	size_t len = strlen(text);
	struct conf *conf;
	int fd = mkstemp(path);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(close(fd), 0);
	conf = conf_load(path, NULL, &errors);
	assert_int_equal(unlink(path), 0);
	if (conf == NULL)
		fail_msg("%s\n%s", errors.lines[0], text);
	return conf;
}

/* What a function prints; the caller frees it. */
static char *
print_conf(const struct conf *conf)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	dump_values(conf, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static char *
print_table(void (*print)(FILE *out))
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	print(out);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* Takes comments away, in place: lines of their own and those behind. */
static void
strip_comments(char *text)
{
	char *out = text;

	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		char *comment = text;

		while (comment < text + len && strncmp(comment, " ;", 2) != 0)
			comment++;
		if (*text != ';') {
			size_t keep = (size_t)(comment - text);

			memmove(out, text, keep);
			out += keep;
			*out++ = '\n';
		}
		text += len + (text[len] == '\n');
	}
	*out = '\0';
}

/* Dumps, loads what was dumped, dumps again: the same values both times. */
static char *
assert_round_trip(const char *text)
{
	struct conf *conf = load_text(text), *again;
	char *first = print_conf(conf), *second;

	again = load_text(first);
	second = print_conf(again);
	strip_comments(first);
	strip_comments(second);
	assert_string_equal(first, second);
	conf_free(&conf);
	conf_free(&again);
	free(second);
	return first;
}

static void
test_values_in_force_can_be_read_back(void **state)
{
	static const char *const expected[] = {
		"\nworkers = auto\n",
		"\nuser =\n",
		"\nlevel = debug\n",
		"\n[listen:a]\n",
		"\naddress = 127.0.0.1:80\naddress = [::1]:80\n",
		"\nmode = 0600\n",
		"\nhead = 1500ms\n",
		"\nkeepalive = 1d\n",
		"\nlinger = 0\n",
		"\nhead = 20k\n",
		"\ntarget = 1025\n",
		"\nroot = /a b;c #d\n",
		"\nhosts = x\nhosts = y\n",
		"\nindex = i.html\n",
		"\nsymlinks = follow\n",
		"\npath = stdout\n",
		"\n[mime]\nx.y = text/x; charset=utf-8\n",
	};
	char *dump;

	(void)state;
	dump = assert_round_trip("[error_log]\nlevel = debug\n"
				 "[listen:a]\n"
				 "address = 127.0.0.1:80 [::1]:80\n"
				 "mode = 600\n"
				 "[timeouts]\nhead = 1500ms\n"
				 "keepalive = 24h\nlinger = 0\n"
				 "[limits]\nhead = 20480\ntarget = 1025\n"
				 "[site:one]\nroot = /a b;c #d\n"
				 "[site:two]\nroot = /two\nhosts = x y\n"
				 "index = i.html\nsymlinks = follow\n"
				 "[access_log]\npath = stdout\n"
				 "[mime]\nX.Y = text/x; charset=utf-8\n");
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		if (strstr(dump, expected[i]) == NULL)
			fail_msg("no %s in%s", expected[i], dump);
	free(dump);
}

static void
test_values_that_just_fit_a_line_can_be_read_back(void **state)
{
	char *dump;

	(void)state;
	/* 196 bytes, without blanks around the equals sign. */
	dump = assert_round_trip("[listen]\naddress=1\n[site]\nroot=/" TEN(
	    "0123456789") TEN("012345678") "\n[server]\nuser=;x\n");
	assert_non_null(strstr(dump, "\nroot=/" TEN("0123456789")));
	assert_non_null(strstr(dump, "\nuser=;x\n"));
	free(dump);
}

static void
test_every_value_has_its_origin(void **state)
{
	struct conf *conf =
	    load_text("[server]\nuser = www\n" REST "hosts = a\nhosts = b\n"
		      "[mime]\nx = a/b\n");
	char *dump = print_conf(conf);

	(void)state;
	assert_non_null(strstr(dump, "\nworkers = auto ; default\n"));
	assert_non_null(strstr(dump, "\nuser = www ; /tmp/test_dump."));
	assert_non_null(strstr(dump, ":2\ngroup = ; default\n"));
	assert_non_null(strstr(dump, ":8\n; redirect_hosts: none\n"));
	assert_non_null(strstr(dump, ":10\n"));
	free(dump);
	conf_free(&conf);
}

static void
test_what_no_file_can_say_is_a_comment(void **state)
{
	struct conf_errors errors = { 0 };
	struct conf *conf;
	char dir[] = "/tmp/test_dump.XXXXXX", path[64];
	char *dump;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/a ;b\nc", dir);
	assert_int_equal(mkdir(path, 0755), 0);
	conf = quick_load(path, "8080", NULL, &errors);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(dir), 0);
	assert_non_null(conf);
	dump = print_conf(conf);
	assert_non_null(strstr(dump, "\n; root = /tmp/test_dump."));
	assert_non_null(
	    strstr(dump, "/a ;b\\x0Ac (no file can say this) ; DIR\n"));
	assert_non_null(strstr(dump, "\naddress = 8080 ; -p\n"));
	free(dump);
	conf_free(&conf);
}

static void
test_the_sample_is_a_configuration_of_defaults(void **state)
{
	char *sample = print_table(dump_sample);
	struct conf *conf = load_text(sample), *least;
	char *dump = print_conf(conf), *defaults;

	(void)state;
	least = load_text("[listen]\naddress = 127.0.0.1:8080\n"
			  "[site]\nroot = /var/www/html\n");
	defaults = print_conf(least);
	strip_comments(dump);
	strip_comments(defaults);
	assert_string_equal(dump, defaults);
	conf_free(&conf);
	conf_free(&least);
	free(dump);
	free(defaults);
	free(sample);
}

static void
test_every_key_of_the_sample_can_be_put_in_force(void **state)
{
	char *sample = print_table(dump_sample);
	struct conf *conf;

	(void)state;
	for (char *line = sample; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (*line == ';' && line[1] != ' ')
			memmove(line, line + 1, strlen(line + 1) + 1);
	}
	conf = load_text(sample);
	assert_string_equal(conf->server.user, "www-data");
	assert_int_equal(conf->sites[0].hosts.nitems, 2);
	assert_int_equal(conf->mime.map.noverrides, 1);
	conf_free(&conf);
	free(sample);
}

static void
test_the_manual_has_every_key(void **state)
{
	char *mdoc = print_table(dump_mdoc);
	char item[64];

	(void)state;
	for (unsigned i = 0; i < keys_nsections; i++) {
		const struct key_section *section = &keys_sections[i];
		const char *place;

		snprintf(item, sizeof(item), "\n.Ss [%s%s%s]", section->name,
		    section->instance == NULL ? "" : ":",
		    section->instance == NULL ? "" : section->instance);
		place = strstr(mdoc, item + (i == 0));
		assert_non_null(place);
		for (unsigned j = 0; j < section->nkeys; j++) {
			snprintf(item, sizeof(item),
			    " %s No =", section->keys[j].name);
			place = strstr(place, item);
			assert_non_null(place);
		}
	}
	free(mdoc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_in_force_can_be_read_back),
		cmocka_unit_test(
		    test_values_that_just_fit_a_line_can_be_read_back),
		cmocka_unit_test(test_every_value_has_its_origin),
		cmocka_unit_test(test_what_no_file_can_say_is_a_comment),
		cmocka_unit_test(
		    test_the_sample_is_a_configuration_of_defaults),
		cmocka_unit_test(
		    test_every_key_of_the_sample_can_be_put_in_force),
		cmocka_unit_test(test_the_manual_has_every_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
