/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/compare.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/keys.h"

#define SAID 8

/* The least there is, in front of what a row says. */
static const char *const least[] = { "listen.address=127.0.0.1:80",
	"site.root=/srv" };

static struct conf *
load(const char *const said[SAID])
{
	const char *options[SAID + 2];
	struct conf_overrides overrides = { NULL, options, 0 };
	struct conf_errors errors = { 0 };
	struct conf *conf;

	/* A row that begins with "-" does without. */
	for (unsigned i = 0; i < 2 && (said[0] == NULL || *said[0] != '-'); i++)
		options[overrides.noptions++] = least[i];
	for (unsigned i = 0; i < SAID && said[i] != NULL; i++)
		if (*said[i] != '-')
			options[overrides.noptions++] = said[i];
	conf = conf_load("/dev/null", &overrides, &errors);
	if (conf == NULL)
		fail_msg("%s", errors.lines[0]);
	return conf;
}

static const struct row {
	const char *name;
	const char *old[SAID];
	const char *new[SAID];
	unsigned nworkers_new; /* of 2 before; 0: also 2 */
	const char *text;
} rows[] = {
	{ "the same", { "server.workers=2" }, { "server.workers=2" }, 0, "" },
	{ "the same, written in another way", { "timeouts.head=60s" },
	    { "timeouts.head=1m" }, 0, "" },
	{ "a value", { "timeouts.head=1s" }, { "timeouts.head=2s" }, 0,
	    "timeouts.head: 1s -> 2s (-o)\n" },
	{ "a value that is the default now", { "timeouts.head=1s" }, { NULL },
	    0, "timeouts.head: 1s -> 15s (default)\n" },
	{ "an empty value", { "server.user=a" }, { NULL }, 0,
	    "server.user: a -> none (default)\n" },
	{ "a value that was empty", { NULL }, { "server.user=a" }, 0,
	    "server.user: none -> a (-o)\n" },
	{ "a list", { "site.index=a b" }, { "site.index=a c d" }, 0,
	    "site.index: a b -> a c d (-o)\n" },
	{ "the order of a list", { "site.index=a b" }, { "site.index=b a" }, 0,
	    "site.index: a b -> b a (-o)\n" },
	{ "a section with a name", { "site:b.root=/b", "site:b.hosts=b" },
	    { "site:b.root=/c", "site:b.hosts=b" }, 0,
	    "site:b.root: /b -> /c (-o)\n" },
	{ "a section that comes", { NULL },
	    { "site:b.root=/b", "site:b.hosts=b c" }, 0,
	    "[site:b] comes (-o)\n"
	    "    root = /b (-o)\n"
	    "    hosts = b c (-o)\n" },
	{ "a section that goes", { "site:b.root=/b", "site:b.hosts=b" },
	    { NULL }, 0, "[site:b] goes (-o)\n" },
	{ "media types", { "mime.a=a/a", "mime.b=b/b" },
	    { "mime.b=b/c", "mime.c=c/c" }, 0,
	    "mime.b: b/b -> b/c (-o)\n"
	    "mime.c: none -> c/c (-o)\n"
	    "mime.a: a/a -> none\n" },
	{ "a socket that opens", { NULL }, { "listen:b.address=[::1]:81" }, 0,
	    "[listen:b] comes (-o)\n"
	    "    address = [::1]:81 (-o)\n"
	    "socket [::1]:81 opens\n" },
	{ "a socket that moves to another section",
	    { "listen:b.address=127.0.0.1:81" },
	    { "listen:c.address=127.0.0.1:81" }, 0,
	    "[listen:c] comes (-o)\n"
	    "    address = 127.0.0.1:81 (-o)\n"
	    "[listen:b] goes (-o)\n" },
	{ "an address that is written in another way",
	    { "listen.address=127.0.0.1:81" }, { "listen.address=81" }, 0,
	    "listen.address: 127.0.0.1:80 127.0.0.1:81 -> 127.0.0.1:80 81 "
	    "(-o)\n" },
	{ "an option of a socket that makes it another",
	    { "-", "site.root=/srv", "listen.address=[::]:1" },
	    { "-", "site.root=/srv", "listen.address=[::]:1",
		"listen.v6only=no" },
	    0,
	    "listen.v6only: yes -> no (-o)\n"
	    "socket [::]:1 opens\n"
	    "socket [::]:1 closes\n" },
	{ "an option of a socket that does not", { NULL },
	    { "listen.backlog=7" }, 0, "listen.backlog: 0 -> 7 (-o)\n" },
	{ "one more socket of any port", { "listen:b.address=0" },
	    { "listen:b.address=0 0" }, 0,
	    "listen:b.address: 0 -> 0 0 (-o)\n"
	    "socket 127.0.0.1:0 opens\n" },
	{ "workers", { "server.workers=2" }, { "server.workers=3" }, 3,
	    "server.workers: 2 -> 3 (-o)\n"
	    "workers: 2 -> 3\n" },
	{ "workers of another machine", { NULL }, { NULL }, 5,
	    "workers: 2 -> 5\n" },
	{ "what needs a restart", { "server.pid_file=/a" },
	    { "server.pid_file=/b", "server.daemon=yes" }, 0,
	    "server.daemon: no -> yes (-o)\n"
	    "server.pid_file: /a -> /b (-o)\n"
	    "server.daemon needs a restart\n"
	    "server.pid_file needs a restart\n" },
};

static void
check_row(const struct row *row)
{
	struct conf *old_conf = load(row->old), *new_conf = load(row->new);
	struct compare_side old = { .nworkers = 2 };
	struct compare_side new = { .nworkers = 2 };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	unsigned nlines = 0, said;

	assert_non_null(out);
	if (row->nworkers_new > 0)
		new.nworkers = row->nworkers_new;
	assert_int_equal(records_of_conf(&old.records, old_conf), 0);
	assert_int_equal(records_of_conf(&new.records, new_conf), 0);
	said = compare_print(out, &old, &new);
	assert_int_equal(fclose(out), 0);
	if (strcmp(text, row->text) != 0)
		fail_msg("%s:\n%s", row->name, text);
	for (const char *c = text; *c != '\0'; c++)
		nlines += *c == '\n';
	assert_int_equal(said, nlines);
	records_fini(&old.records);
	records_fini(&new.records);
	conf_free(&old_conf);
	conf_free(&new_conf);
	free(text);
}

static void
test_what_differs_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i]);
}

static void
test_a_fixed_key_is_compared_by_its_value(void **state)
{
	static const char *const one[SAID] = { "server.pid_file=/a" };
	static const char *const two[SAID] = { "server.pid_file=/b" };
	struct conf *a = load(one), *b = load(two);

	(void)state;
	assert_true(compare_is_same(a, a, "server", "pid_file"));
	assert_false(compare_is_same(a, b, "server", "pid_file"));
	for (unsigned i = 0; i < keys_nfixed; i++) {
		const struct key_section *section =
		    keys_section(span_of(keys_fixed[i].section));
		const struct key *key =
		    keys_find(section, span_of(keys_fixed[i].name));

		assert_false(section->many);
		assert_non_null(key);
		assert_false(keys_is_list(key));
		assert_non_null(strstr(key->text, "needs a restart."));
		assert_true(compare_is_same(
		    a, a, keys_fixed[i].section, keys_fixed[i].name));
	}
	conf_free(&a);
	conf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_differs_is_told),
		cmocka_unit_test(test_a_fixed_key_is_compared_by_its_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
