/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/conf.h"

#include <limits.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "expand.h"

/* The least that a server needs; rows put it behind what they are about. */
#define REST "[listen]\naddress = 8080\n[site]\nroot = /srv/www\n"

#define TEN(text) text text text text text text text text text text

/* A scratch folder for each test. */
struct scratch {
	char dir[64];
	struct conf *conf;
	struct conf_errors errors;
};

static int
setup(void **state)
{
	struct scratch *scratch = calloc(1, sizeof(*scratch));

	assert_non_null(scratch);
	strcpy(scratch->dir, "/tmp/test_conf.XXXXXX");
	assert_non_null(mkdtemp(scratch->dir));
	*state = scratch;
	return 0;
}

static int
teardown(void **state)
{
	struct scratch *scratch = *state;
	char command[128];

	conf_free(&scratch->conf);
	conf_errors_fini(&scratch->errors);
	snprintf(command, sizeof(command), "rm -rf %s", scratch->dir);
	assert_int_equal(system(command), 0);
	free(scratch);
	return 0;
}

static const char *
path_of(const struct scratch *scratch, const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", scratch->dir, name);
	return path;
}

static void
write_bytes(
    struct scratch *scratch, const char *name, const char *text, size_t len)
{
	FILE *file = fopen(path_of(scratch, name), "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void
write_file(struct scratch *scratch, const char *name, const char *text)
{
	write_bytes(scratch, name, text, strlen(text));
}

static struct conf *
load(struct scratch *scratch)
{
	conf_free(&scratch->conf);
	conf_errors_fini(&scratch->errors);
	scratch->conf =
	    conf_load(path_of(scratch, "tined.ini"), NULL, &scratch->errors);
	return scratch->conf;
}

static struct conf *
load_text(struct scratch *scratch, const char *text)
{
	write_file(scratch, "tined.ini", text);
	return load(scratch);
}

/* Lines, each with a newline, the scratch folder taken away. */
static const char *
join_lines(const struct scratch *scratch, char *const *lines, unsigned nlines)
{
	static char all[65536];
	char prefix[80];
	size_t len;
	char *found;

	all[0] = '\0';
	for (unsigned i = 0; i < nlines; i++) {
		strcat(all, lines[i]);
		strcat(all, "\n");
	}
	snprintf(prefix, sizeof(prefix), "%s/", scratch->dir);
	len = strlen(prefix);
	while ((found = strstr(all, prefix)) != NULL)
		memmove(found, found + len, strlen(found + len) + 1);
	return all;
}

static const char *
errors_of(const struct scratch *scratch)
{
	return join_lines(
	    scratch, scratch->errors.lines, scratch->errors.nlines);
}

static const char *
warnings_of(const struct scratch *scratch)
{
	return join_lines(
	    scratch, scratch->errors.warnings, scratch->errors.nwarnings);
}

static void
assert_loads(struct scratch *scratch, const char *text)
{
	if (load_text(scratch, text) == NULL)
		fail_msg("%s", errors_of(scratch));
	assert_int_equal(scratch->errors.nlines, 0);
	assert_string_equal(warnings_of(scratch), "");
}

static const struct error_case {
	const char *name;
	const char *text;
	const char *errors;
} error_cases[] = {
	{ "unknown section", "[servr]\nx = 1\n",
	    "tined.ini:1: \"servr\": unknown section; allowed: @@; did "
	    "you mean "
	    "\"server\"?\n" },
	{ "unknown key with a near one", "[server]\nworker = 1\n" REST,
	    "tined.ini:2: server.worker: unknown key; allowed: @server@; did "
	    "you mean \"workers\"?\n" },
	{ "unknown key far from all", "[access_log]\ncolour = red\n" REST,
	    "tined.ini:2: access_log.colour: unknown key; allowed: "
	    "@access_log@\n" },
	{ "key of another section", "[access_log]\nroot = /x\n" REST,
	    "tined.ini:2: access_log.root: unknown key; allowed: @access_log@; "
	    "\"root\" belongs in [site]\n" },
	{ "key before the first section", "workers = 1\n" REST,
	    "tined.ini:1: a key before the first section; write [SECTION] "
	    "above it (only include stands before all sections)\n" },
	{ "name for a section that takes none", "[server:x]\nuser = a\n" REST,
	    "tined.ini:1: server: this section takes no name; write "
	    "[server]\n" },
	{ "section with an empty name", "[site:]\n" REST,
	    "tined.ini:1: site: no name behind the colon; write [site]\n" },
	{ "empty section", "[]\n" REST,
	    "tined.ini:1: a section name of 0 bytes; allowed: 1 to 49\n" },
	{ "unterminated section", "[server\nuser = a\n" REST,
	    "tined.ini:1: a section without ]; write [NAME]\n" },
	{ "section ended by a comment", "[server ; ]\n" REST,
	    "tined.ini:1: a section without ]; write [NAME]\n" },
	{ "key behind a section", "[server] user = a\n" REST,
	    "tined.ini:1: text behind ]; put a key on a line of its own\n" },
	{ "line without =", "[server]\nuser\n" REST,
	    "tined.ini:2: server.user: a line that is neither a section nor a "
	    "key; write KEY = VALUE\n" },
	{ "colon for =", "[server]\nuser: a\n" REST,
	    "tined.ini:2: server.user: a line that is neither a section nor a "
	    "key; write KEY = VALUE\n" },
	{ "no key before =", "[server]\n= a\n" REST,
	    "tined.ini:2: no key before =; write KEY = VALUE\n" },
	{ "indented key", "[timeouts]\nhead = 1s\n  body = 1s\n" REST,
	    "tined.ini:3: timeouts.body: an indented line; begin it in the "
	    "first column, a value never goes on in the next line\n" },
	{ "indented section", "\t[server]\n" REST,
	    "tined.ini:1: an indented line; begin it in the first column, a "
	    "value never goes on in the next line\n" },
	{ "control byte", "[server]\nuser = a\033[2Jb\n" REST,
	    "tined.ini:2: control byte 0x1b in the line; allowed: text and "
	    "tabs\n" },
	{ "CR inside a line", "[server]\ruser = a\n" REST,
	    "tined.ini:1: control byte 0x0d in the line; allowed: text and "
	    "tabs\n" },
	{ "duration without a number", "[timeouts]\nhead = soon\n" REST,
	    "tined.ini:2: timeouts.head: \"soon\": not a duration, as in "
	    "500ms, 15s, 2m or 1h; allowed: 1ms to 1h\n" },
	{ "duration too long", "[timeouts]\nhead = 2h\n" REST,
	    "tined.ini:2: timeouts.head: \"2h\": out of range; allowed: 1ms "
	    "to 1h\n" },
	{ "duration that wraps around",
	    "[timeouts]\nhead = 18446744073709551615d\n" REST,
	    "tined.ini:2: timeouts.head: \"18446744073709551615d\": out of "
	    "range; allowed: 1ms to 1h\n" },
	{ "bytes with a wrong unit", "[limits]\nhead = 16kb\n" REST,
	    "tined.ini:2: limits.head: \"16kb\": not a number of bytes, as in "
	    "512, 16k or 1m; allowed: 1k to 64k\n" },
	{ "negative count", "[server]\nworkers = -1\n" REST,
	    "tined.ini:2: server.workers: \"-1\": not a number; allowed: auto, "
	    "0 to 256\n" },
	{ "mistyped word for 0", "[server]\nworkers = aut\n" REST,
	    "tined.ini:2: server.workers: \"aut\": not a number; allowed: "
	    "auto, 0 to 256; did you mean \"auto\"?\n" },
	{ "mode that is not octal",
	    "[listen]\naddress = 1\nmode = 0680\n[site]\nroot = /a\n",
	    "tined.ini:3: listen.mode: \"0680\": not an octal number; allowed: "
	    "0000 to 0777\n" },
	{ "neither yes nor no", "[server]\ndaemon = maybe\n" REST,
	    "tined.ini:2: server.daemon: \"maybe\": neither yes nor no; "
	    "allowed: yes, no, true, false, on, off\n" },
	{ "mistyped word", "[error_log]\nlevel = warning\n" REST,
	    "tined.ini:2: error_log.level: \"warning\": unknown; "
	    "allowed: error, warn, notice, info, debug; did you mean "
	    "\"warn\"?\n" },
	{ "relative path", "[server]\npid_file = run/pid\n" REST,
	    "tined.ini:2: server.pid_file: \"run/pid\": not an absolute path; "
	    "allowed: an absolute path\n" },
	{ "relative log", "[access_log]\npath = stdoud\n" REST,
	    "tined.ini:2: access_log.path: \"stdoud\": not an absolute path; "
	    "allowed: off, stdout, syslog, an absolute path; did you mean "
	    "\"stdout\"?\n" },
	{ "empty value", "[access_log]\npath =\n" REST,
	    "tined.ini:2: access_log.path: \"\": empty; allowed: off, stdout, "
	    "syslog, an absolute path\n" },
	{ "comment with #", "[timeouts]\nhead = 1s # short\n" REST,
	    "tined.ini:2: timeouts.head: \"1s # short\": not a duration, as in "
	    "500ms, 15s, 2m or 1h; allowed: 1ms to 1h; a comment behind a "
	    "value begins with \" ;\"\n" },
	{ "scalar key twice", "[server]\nuser = a\nuser = b\n" REST,
	    "tined.ini:3: server.user: already set at tined.ini:2; take one "
	    "of them out\n" },
	{ "scalar key twice in a continued section",
	    "[limits]\nhead = 16k\n[server]\n[limits]\nhead = 32k\n" REST,
	    "tined.ini:5: limits.head: already set at tined.ini:2; take one "
	    "of them out\n" },
	{ "old name behind the new one",
	    "[error_log]\nlevel = warn\n[server]\nlog_level = warn\n" REST,
	    "tined.ini:4: server.log_level: the old name of error_log.level, "
	    "which is set at tined.ini:2; take one of them out\n" },
	{ "new name behind the old one",
	    "[server]\nlog_level = warn\n[error_log]\nlevel = warn\n" REST,
	    "tined.ini:4: error_log.level: already set at tined.ini:2; take "
	    "one of them out\n" },
	{ "bad value of an old name", "[server]\nlog_level = loud\n" REST,
	    "tined.ini:2: error_log.level: \"loud\": unknown; allowed: error, "
	    "warn, notice, info, debug\n" },
	{ "bad address among good ones",
	    "[listen]\naddress = 80 localhost:80 *:81\n[site]\nroot = /a\n",
	    "tined.ini:2: listen.address: \"localhost:80\": not an IPv4 "
	    "address (names are not looked up); allowed: ADDRESS:PORT, "
	    "[ADDRESS]:PORT, *:PORT, PORT, unix:/PATH\n" },
	{ "host with a port",
	    "[site]\nroot = /a\nhosts = a.example:80\n[listen]\naddress = 1\n",
	    "tined.ini:3: site.hosts: \"a.example:80\": a host name has no "
	    "port; take it away; allowed: names without a port, *.NAME, "
	    "[ADDRESS]\n" },
	{ "index with a slash",
	    "[site]\nroot = /a\nindex = a/b.html\n[listen]\naddress = 1\n",
	    "tined.ini:3: site.index: \"a/b.html\": a path, not the name of a "
	    "file; allowed: names of files, without a slash\n" },
	{ "empty list", "[site]\nroot = /a\nindex =\n[listen]\naddress = 1\n",
	    "tined.ini:3: site.index: \"\": empty; allowed: names of files, "
	    "without a slash\n" },
	{ "media type without a subtype", "[mime]\nfoo = text\n" REST,
	    "tined.ini:2: mime.foo: \"text\": not a media type; allowed: "
	    "TYPE/SUBTYPE, TYPE/SUBTYPE; NAME=VALUE\n" },
	{ "media type with a bad parameter",
	    "[mime]\nfoo = text/x;charset\n" REST,
	    "tined.ini:2: mime.foo: \"text/x;charset\": a parameter that is "
	    "not NAME=VALUE; allowed: TYPE/SUBTYPE, TYPE/SUBTYPE; "
	    "NAME=VALUE\n" },
	{ "star in the middle of a host",
	    "[site:a]\nroot = /a\nhosts = ok www.*.com\n" REST,
	    "tined.ini:3: site.hosts: \"www.*.com\": a star stands for all "
	    "before the first dot, as in *.example.com, and nowhere else; "
	    "allowed: names without a port, *.NAME, [ADDRESS]\n" },
	{ "star alone", "[site:a]\nroot = /a\nhosts = ok *\n" REST,
	    "tined.ini:3: site.hosts: \"*\": a star stands for all before the "
	    "first dot, as in *.example.com, and nowhere else; allowed: names "
	    "without a port, *.NAME, [ADDRESS]\n" },
	{ "star without a dot", "[site:a]\nroot = /a\nhosts = ok *a.com\n" REST,
	    "tined.ini:3: site.hosts: \"*a.com\": a star stands for all before "
	    "the first dot, as in *.example.com, and nowhere else; allowed: "
	    "names without a port, *.NAME, [ADDRESS]\n" },
	{ "star twice in the configuration",
	    "[site:a]\nroot = /a\nhosts = *.a.com\n"
	    "[site:b]\nroot = /a\nhosts = *.A.com\n" REST,
	    "tined.ini:6: site.hosts: \"*.a.com\": a site has this name "
	    "already, at tined.ini:3; take one of them out\n" },
	{ "unmatched hosts with a site that has none",
	    "[server]\nunmatched = 421\n" REST,
	    "tined.ini:5: site.hosts: none, so that with server.unmatched = "
	    "421, at tined.ini:2, nobody would reach this site; give it "
	    "hosts\n" },
	{ "error page of a status that has none",
	    "[error_pages]\n416 = /416.html\n" REST,
	    "tined.ini:2: error_pages.416: no status that can have a page; "
	    "allowed: 401, 403, 404, 405, 406, 410, 429, 451, 500, 503, 4xx, "
	    "5xx\n" },
	{ "key of error pages, misspelt", "[error_pages]\nfolder = yes\n" REST,
	    "tined.ini:2: error_pages.folder: no status that can have a page; "
	    "allowed: 401, 403, 404, 405, 406, 410, 429, 451, 500, 503, 4xx, "
	    "5xx; did you mean \"folders\"?\n" },
	{ "host with an empty label",
	    "[site:a]\nroot = /a\nhosts = ok a..b\n" REST,
	    "tined.ini:3: site.hosts: \"a..b\": not a host name; allowed: "
	    "names without a port, *.NAME, [ADDRESS]\n" },
	{ "error page that is no path", "[error_pages]\n404 = 404.html\n" REST,
	    "tined.ini:2: error_pages.404: \"404.html\": not a path; begin it "
	    "with a slash, which is the root of the site; allowed: /PATH of a "
	    "file below the root, built-in\n" },
	{ "error page that is a folder", "[error_pages]\n404 = /e/\n" REST,
	    "tined.ini:2: error_pages.404: \"/e/\": a folder, not a file; "
	    "allowed: /PATH of a file below the root, built-in\n" },
	{ "error page above the root", "[error_pages]\n4xx = /../x\n" REST,
	    "tined.ini:2: error_pages.4xx: \"/../x\": a path with empty names "
	    "or dots; write it straight; allowed: /PATH of a file below the "
	    "root, built-in\n" },
	{ "error pages of a site that is not there",
	    "[error_pages:blgo]\n404 = /x\n[site:blog]\nhosts = b\n"
	    "root = /b\n" REST,
	    "tined.ini:1: error_pages: \"blgo\": no [site] has this name; did "
	    "you mean \"blog\"?\n" },
	{ "ending with its dot", "[mime]\n.foo = text/x\n" REST,
	    "tined.ini:2: mime..foo: not an ending; write it without the first "
	    "dot and without a slash\n" },
	{ "ending twice", "[mime]\nfoo = text/x\nFOO = text/y\n" REST,
	    "tined.ini:3: mime.FOO: already set at tined.ini:2; take one of "
	    "them out\n" },
	{ "nothing at all", "",
	    "tined.ini:1: listen: no [listen] section; write [listen] and "
	    "below it address = 127.0.0.1:8080\n"
	    "tined.ini:1: site: no [site] section; write [site] and below it "
	    "root = /var/www/html\n" },
	{ "required keys missing", "[listen]\n[site:a]\nhosts = a\n",
	    "tined.ini:1: listen.address: required, but not set; write address "
	    "= 127.0.0.1:8080\n"
	    "tined.ini:2: site.root: required, but not set; write root = "
	    "/var/www/html\n" },
	{ "target not below head", "[limits]\nhead = 4k\n" REST,
	    "tined.ini:1: limits.target: 8192 bytes: not below limits.head, "
	    "which is 4096; lower the target or raise the head\n" },
	{ "two sites without hosts", REST "[site:b]\nroot = /b\n",
	    "tined.ini:5: site.hosts: a second site without hosts, the first "
	    "is at tined.ini:3; give hosts to one of them\n" },
	{ "host of two sites",
	    REST "[site:b]\nroot = /b\nhosts = a B\n"
		 "[site:c]\nroot = /c\nhosts = b\n",
	    "tined.ini:10: site.hosts: \"b\": a site has this name already, at "
	    "tined.ini:7; take one of them out\n" },
	{ "host twice in a site", REST "hosts = a b\nhosts = A\n",
	    "tined.ini:6: site.hosts: \"a\": a site has this name already, at "
	    "tined.ini:5; take one of them out\n" },
	{ "address twice",
	    REST "[listen:b]\naddress = [::1]:1\naddress = "
		 "127.0.0.1:8080\n",
	    "tined.ini:7: listen.address: \"127.0.0.1:8080\": listened on "
	    "already, at tined.ini:2; take one of them out\n" },
	{ "the address of a site for the status",
	    REST "[admin]\naddress = 127.0.0.1:8080\n",
	    "tined.ini:6: admin.address: \"127.0.0.1:8080\": listened on "
	    "already, at tined.ini:2; take one of them out\n" },
	{ "an address of the status that others can reach",
	    REST "[admin]\naddress = unix:/a\naddress = *:9000\n"
		 "public = no\n",
	    "tined.ini:7: admin.address: \"*:9000\": other machines can reach "
	    "it; name unix:PATH or a port of 127.0.0.1, or set admin.public = "
	    "yes\n" },
	{ "code that nobody knows", REST "[access_log]\nformat = %h %Z\n",
	    "tined.ini:6: access_log.format: \"%Z\": no such code; allowed: "
	    "common, combined, json, a text with %a %b %B %D %h %H %k %l %m %O "
	    "%p %P %q %r %s %t %T %u %U %v %V %X %{c}a %{NAME}i %{NAME}t "
	    "%{NAME}T %{NAME}x %%\n" },
	{ "name that a code does not know",
	    REST "[access_log]\nformat = %{speed}x\n",
	    "tined.ini:6: access_log.format: \"%{speed}x\": no such code; "
	    "allowed: common, combined, json, a text with %{cache}x "
	    "%{generation}x %{request_id}x %{ttfb}x %{variant}x %{verdict}x "
	    "%{worker}x\n" },
	{ "rule that is none", REST "[access_log]\nskip = 304 assets/*\n",
	    "tined.ini:6: access_log.skip: \"assets/*\": neither a status, nor "
	    "a class, nor a path; allowed: a status, 2xx to 5xx, health, /PATH "
	    "with * and ? in it\n" },
	{ "socket whose path is too long",
	    "[server]\nsyslog_socket = /" TEN("0123456789") "0123456\n" REST,
	    "tined.ini:2: server.syslog_socket: 108 bytes long; the path of a "
	    "socket has at most 107\n" },
	{ "include in a section", "[server]\ninclude = x\n" REST,
	    "tined.ini:2: include: not in a section; move it above the first "
	    "one\n" },
};

static void
test_an_old_name_works_and_is_told(void **state)
{
	struct scratch *scratch = *state;

	assert_non_null(load_text(scratch, "[server]\n"
					   "user = a\n"
					   "log_level = debug\n"
					   "error_log = /var/log/e\n" REST));
	assert_string_equal(errors_of(scratch), "");
	assert_string_equal(warnings_of(scratch),
	    "tined.ini:3: warning: server.log_level: an old name; the key is "
	    "error_log.level now\n"
	    "tined.ini:4: warning: server.error_log: an old name; the key is "
	    "error_log.path now\n");
	assert_int_equal(scratch->conf->error_log.level, LOG_LEVEL_DEBUG);
	assert_string_equal(scratch->conf->error_log.path, "/var/log/e");
}

static void
test_every_mistake_is_told_with_its_place(void **state)
{
	char text[EXPAND_BYTES];
	for (size_t i = 0; i < sizeof(error_cases) / sizeof(error_cases[0]);
	     i++) {
		const struct error_case *row = &error_cases[i];

		if (load_text(*state, row->text) != NULL)
			fail_msg("%s: loads", row->name);
		if (strcmp(errors_of(*state), expand(text, row->errors)) != 0)
			fail_msg("%s:\n%s", row->name, errors_of(*state));
	}
}

static void
test_all_errors_come_at_once_in_the_order_of_lines(void **state)
{
	char text[EXPAND_BYTES];
	assert_null(load_text(*state, "[server]\n"
				      "wrokers = 2\n"
				      "daemon = perhaps\n"
				      "[limits]\n"
				      "head = 1\n"
				      "target = 32k\n"
				      "[site]\n"
				      "root = www\n"
				      "[listen]\n"
				      "address = 99999\n"));
	assert_string_equal(errors_of(*state),
	    expand(text,
		"tined.ini:2: server.wrokers: unknown key; allowed: @server@; "
		"did "
		"you mean \"workers\"?\n"
		"tined.ini:3: server.daemon: \"perhaps\": neither yes nor no; "
		"allowed: yes, no, true, false, on, off\n"
		"tined.ini:5: limits.head: \"1\": out of range; allowed: 1k to "
		"64k\n"
		"tined.ini:6: limits.target: 32768 bytes: not below "
		"limits.head, "
		"which is 16384; lower the target or raise the head\n"
		"tined.ini:8: site.root: \"www\": not an absolute path; "
		"allowed: "
		"an absolute path\n"
		"tined.ini:10: listen.address: \"99999\": the port is a number "
		"from 0 to 65535; allowed: ADDRESS:PORT, [ADDRESS]:PORT, "
		"*:PORT, "
		"PORT, unix:/PATH\n"));
}

static void
test_a_file_that_is_no_configuration_gives_a_hundred_errors(void **state)
{
	struct scratch *scratch = *state;

	assert_null(load_text(scratch, TEN(TEN("?\n")) TEN("?\n")));
	assert_int_equal(scratch->errors.nlines, 101);
	assert_non_null(strstr(scratch->errors.lines[100],
	    ": 12 more errors are not shown; mend the first ones"));
}

static void
test_without_a_section_every_key_has_its_default(void **state)
{
	const struct conf *conf;

	assert_loads(*state, REST);
	conf = ((struct scratch *)*state)->conf;
	assert_int_equal(conf->server.workers, 0);
	assert_string_equal(conf->server.user, "");
	assert_false(conf->server.allow_root);
	assert_string_equal(conf->error_log.path, "stderr");
	assert_int_equal(conf->error_log.level, LOG_LEVEL_NOTICE);
	assert_int_equal(conf->timeouts.first_byte_ms, 10000);
	assert_int_equal(conf->timeouts.drain_grace_ms, 1000);
	assert_int_equal(conf->limits.head_bytes, 16384);
	assert_int_equal(conf->limits.connections, 10000);
	assert_int_equal(conf->listens[0].mode, 0666);
	assert_true(conf->listens[0].v6only);
	assert_int_equal(conf->sites[0].hosts.nitems, 0);
	assert_int_equal(conf->sites[0].index.nitems, 1);
	assert_string_equal(conf->sites[0].index.items[0], "index.html");
	assert_null(conf->sites[0].index.origins[0].file);
	assert_int_equal(conf->sites[0].symlinks, BENEATH_WITHIN);
	assert_string_equal(conf->access_log.path, "off");
	assert_string_equal(conf->access_log.format, "common");
	assert_true(conf->access_log.compiled.nops > 1);
	assert_int_equal(conf->access_log.sample, 1);
	assert_int_equal(conf->access_log.skip.nitems, 0);
	assert_int_equal(conf->server.request_id, CONF_REQUEST_ID_OFF);
	assert_string_equal(conf->server.syslog_socket, "/dev/log");
	assert_int_equal(conf->server.syslog_facility, SYSLOG_DAEMON);
	assert_int_equal(conf->mime.map.noverrides, 0);
}

static void
test_values_of_every_type_are_read(void **state)
{
	const struct conf *conf;

	assert_loads(*state, "# a comment\n"
			     "[server]\n"
			     "workers=3 ; three\n"
			     "daemon = on\n"
			     "syslog_facility = local7\n"
			     "request_id = accept\n"
			     "[error_log]\n"
			     "level\t=\tdebug\n"
			     "path = syslog\n"
			     "[timeouts]\n"
			     "keepalive = 0\n"
			     "head = 1500ms\n"
			     "[limits]\n"
			     "head = 64K\n"
			     "target = 1023\n"
			     "[listen:unix]\n"
			     "address = unix:/run/a.sock\n"
			     "mode = 0600\n"
			     "[access_log]\n"
			     "format = %h \"%{A}i\" 100%%\n"
			     "skip = 304 /a/*\n"
			     "skip = health\n"
			     "sample = 100\n"
			     "slow = 20ms\n"
			     "path = /var/log/a;b #c\n"
			     "[admin]\n"
			     "address = 10.0.0.1:90 unix:/run/b.sock\n"
			     "mode = 0660\n"
			     "public = yes\n"
			     "[mime]\n"
			     "Tar.GZ = application/gzip\n"
			     "txt = text/plain; charset=\"utf-8\"\n"
			     "[site:main]\n"
			     "root = /srv/my files\n"
			     "symlinks = owner");
	conf = ((struct scratch *)*state)->conf;
	assert_int_equal(conf->server.workers, 3);
	assert_true(conf->server.daemon);
	assert_int_equal(conf->error_log.level, LOG_LEVEL_DEBUG);
	assert_int_equal(conf->timeouts.keepalive_ms, 0);
	assert_int_equal(conf->timeouts.head_ms, 1500);
	assert_int_equal(conf->limits.head_bytes, 65536);
	assert_int_equal(conf->limits.target_bytes, 1023);
	assert_string_equal(conf->listens[0].name, "unix");
	assert_int_equal(conf->listens[0].mode, 0600);
	assert_string_equal(
	    conf->listens[0].addrs[0].sa.un.sun_path, "/run/a.sock");
	assert_string_equal(conf->access_log.format, "%h \"%{A}i\" 100%%");
	assert_int_equal(conf->access_log.compiled.nops, 4);
	assert_int_equal(conf->access_log.skip.nitems, 3);
	assert_string_equal(conf->access_log.skip.items[1], "/a/*");
	assert_int_equal(conf->access_log.sample, 100);
	assert_int_equal(conf->access_log.slow_ms, 20);
	assert_string_equal(conf->error_log.path, "syslog");
	assert_int_equal(conf->server.syslog_facility, SYSLOG_LOCAL7);
	assert_int_equal(conf->server.request_id, CONF_REQUEST_ID_ACCEPT);
	assert_string_equal(conf->access_log.path, "/var/log/a;b #c");
	assert_int_equal(conf->admin.addresses.nitems, 2);
	assert_string_equal(conf->admin.addrs[1].sa.un.sun_path, "/run/b.sock");
	assert_int_equal(conf->admin.mode, 0660);
	assert_true(conf->admin.public);
	assert_int_equal(conf->mime.map.noverrides, 2);
	assert_string_equal(conf->mime.map.overrides[0].ending.ptr, "tar.gz");
	assert_string_equal(conf->mime.map.overrides[1].type.ptr,
	    "text/plain; charset=\"utf-8\"");
	assert_string_equal(conf->sites[0].name, "main");
	assert_string_equal(conf->sites[0].root, "/srv/my files");
	assert_int_equal(conf->sites[0].symlinks, BENEATH_OWNER);
}

static void
test_a_list_grows_by_words_and_by_repeated_keys(void **state)
{
	const struct conf_list *hosts;

	assert_loads(*state, "[listen]\naddress = 1\n"
			     "[site]\nroot = /a\n"
			     "hosts = A.example \tb.example\n"
			     "hosts = c d e f g\n"
			     "[site]\n"
			     "hosts = [::1]\n");
	hosts = &((struct scratch *)*state)->conf->sites[0].hosts;
	assert_int_equal(hosts->nitems, 8);
	assert_string_equal(hosts->items[0], "a.example");
	assert_string_equal(hosts->items[6], "g");
	assert_string_equal(hosts->items[7], "[::1]");
	assert_int_equal(hosts->origins[1].line, 5);
	assert_int_equal(hosts->origins[2].line, 6);
	assert_int_equal(hosts->origins[7].line, 8);
}

static void
test_error_pages_of_a_site_add_to_those_of_all(void **state)
{
	const struct conf *conf;
	const struct conf_error_pages *blog;

	assert_loads(*state, "[listen]\naddress = 1\n"
			     "[error_pages:blog]\n503 = built-in\n404 = /b\n"
			     "[error_pages]\n404 = /a\n5xx = /a5\n"
			     "folders = yes\n"
			     "[site]\nroot = /a\n"
			     "[site:blog]\nroot = /b\nhosts = b\n");
	conf = ((struct scratch *)*state)->conf;
	assert_ptr_equal(conf->sites[0].error_pages, &conf->error_pages);
	assert_int_equal(conf->error_pages.pages.nitems, 2);
	blog = conf->sites[1].error_pages;
	assert_ptr_not_equal(blog, &conf->error_pages);
	assert_string_equal(blog->name, "blog");
	assert_true(blog->folders);
	assert_int_equal(blog->pages.nitems, 3);
	assert_string_equal(blog->pages.items[0].value, "built-in");
	assert_string_equal(blog->pages.items[1].value, "/b");
	assert_string_equal(blog->pages.items[2].name, "5xx");
	assert_int_equal(blog->pages.items[2].origin.line, 8);
}

static void
test_the_default_site_comes_first(void **state)
{
	const struct conf *conf;

	assert_loads(*state, "[listen]\naddress = 1\n"
			     "[site:a]\nroot = /a\nhosts = a\n"
			     "[site:b]\nroot = /b\n"
			     "[site:c]\nroot = /c\nhosts = c\n");
	conf = ((struct scratch *)*state)->conf;
	assert_int_equal(conf->nsites, 3);
	assert_string_equal(conf->sites[0].name, "b");
	assert_string_equal(conf->sites[1].name, "a");
	assert_string_equal(conf->sites[2].name, "c");
	assert_string_equal(conf->sites[2].root, "/c");
}

static void
test_port_zero_may_be_listened_on_twice(void **state)
{
	assert_loads(*state, "[listen]\naddress = 127.0.0.1:0 127.0.0.1:0\n"
			     "[site]\nroot = /a\n");
	assert_int_equal(
	    ((struct scratch *)*state)->conf->listens[0].addresses.nitems, 2);
}

/*
 * What inih would misread
 */

static void
test_the_rest_of_a_long_line_is_no_key(void **state)
{
	/* At byte 200 inih begins another line, here with a key of its own. */
	assert_null(load_text(*state, REST
	    "index = " TEN("0123456789") TEN("0123456789") "\nroot = /evil\n"));
	assert_string_equal(errors_of(*state),
	    "tined.ini:5: site.index: line is 208 bytes long, at most 196 are "
	    "read; repeat a key that takes a list\n"
	    "tined.ini:6: site.root: already set at tined.ini:4; take one of "
	    "them out\n");
	assert_null(load_text(*state, "[server]\nuser = " TEN("0123456789") TEN(
					  "012345678 ") "group = evil\n" REST));
	assert_string_equal(errors_of(*state),
	    "tined.ini:2: server.user: line is 219 bytes long, at most 196 are "
	    "read; repeat a key that takes a list\n");
}

static void
test_a_line_of_196_bytes_is_read_whole(void **state)
{
	/* 7 + 180 + 9 */
	assert_loads(*state,
	    "[listen]\naddress = 1\n[site]\n"
	    "root = /" TEN("0123456789") TEN("01234567") "89abcdef");
	assert_int_equal(
	    strlen(((struct scratch *)*state)->conf->sites[0].root), 189);
	assert_null(load_text(*state,
	    "[listen]\naddress = 1\n[site]\n"
	    "root = /" TEN("0123456789") TEN("01234567") "89abcdefg"));
	assert_string_equal(errors_of(*state),
	    "tined.ini:4: site.root: line is 197 bytes long, at most 196 are "
	    "read; repeat a key that takes a list\n");
}

static void
test_a_comment_may_be_of_any_length(void **state)
{
	assert_loads(*state,
	    REST ";" TEN(TEN("0123456 = ")) "\n"
					    "  #" TEN(TEN("[01234]   ")) "\n");
}

static void
test_a_section_name_has_at_most_49_bytes(void **state)
{
	assert_loads(*state, REST "[site:" TEN("abcd") "efgh]\nroot = /b\n"
						       "hosts = b\n");
	assert_null(load_text(*state,
	    REST "[site:" TEN("abcd") "efghi]\nroot = /b\nhosts = b\n"));
	assert_string_equal(errors_of(*state),
	    "tined.ini:5: a section name of 50 bytes; allowed: 1 to 49\n");
}

static void
test_a_nul_is_refused(void **state)
{
	static const char text[] = "[server]\nuser = a\0b\n" REST;

	write_bytes(*state, "tined.ini", text, sizeof(text) - 1);
	assert_null(load(*state));
	assert_string_equal(errors_of(*state),
	    "tined.ini:2: control byte 0x00 in the line; allowed: text and "
	    "tabs\n");
}

static void
test_a_byte_order_mark_and_crlf_mean_nothing(void **state)
{
	assert_loads(*state, "\xef\xbb\xbf[server]\r\nuser = a\r\n\r\n"
			     "[listen]\r\naddress = 1\r\n"
			     "[site]\r\nroot = /a\r");
	assert_string_equal(((struct scratch *)*state)->conf->server.user, "a");
	assert_string_equal(
	    ((struct scratch *)*state)->conf->sites[0].root, "/a");
}

/*
 * Files that include others
 */

static void
make_folder(struct scratch *scratch, const char *name)
{
	assert_int_equal(mkdir(path_of(scratch, name), 0755), 0);
}

static void
test_a_pattern_includes_files_in_order_relative_to_its_file(void **state)
{
	struct scratch *scratch = *state;
	const struct conf *conf;

	make_folder(scratch, "conf.d");
	write_file(scratch, "conf.d/20-b.ini", "[site:b]\nroot = /b\n");
	write_file(scratch, "conf.d/10-a.ini",
	    "include = more/x\n[site:a]\nroot = /a\nhosts = a\n");
	write_file(scratch, "conf.d/30-c.txt", "[oops]\n");
	make_folder(scratch, "conf.d/more");
	write_file(scratch, "conf.d/more/x", "[server]\nuser = www\n");
	assert_loads(
	    scratch, "include = conf.d/*.ini\n[listen]\naddress = 80\n");
	conf = scratch->conf;
	assert_string_equal(conf->server.user, "www");
	assert_int_equal(conf->nsites, 2);
	assert_string_equal(conf->sites[0].name, "b");
	assert_string_equal(conf->sites[1].name, "a");
	assert_int_equal(conf->sites[1].hosts.origins[0].line, 4);
	assert_string_equal(conf->sites[1].hosts.origins[0].file,
	    path_of(scratch, "conf.d/10-a.ini"));
}

static void
test_a_folder_with_wildcards_in_its_name_is_no_pattern(void **state)
{
	struct scratch *scratch = *state;

	make_folder(scratch, "a[b]");
	write_file(scratch, "a[b]/x.ini", REST);
	write_file(scratch, "a[b]/main", "include = *.ini\n");
	scratch->conf =
	    conf_load(path_of(scratch, "a[b]/main"), NULL, &scratch->errors);
	assert_string_equal(errors_of(scratch), "");
	assert_non_null(scratch->conf);
}

static void
test_a_pattern_may_match_nothing(void **state)
{
	assert_loads(*state, "include = nowhere/*.ini\n" REST);
}

static void
test_an_included_file_must_exist(void **state)
{
	assert_null(load_text(*state, "\ninclude = other.ini\n" REST));
	assert_string_equal(errors_of(*state),
	    "tined.ini:2: include: \"other.ini\": No such file or directory; "
	    "name a file that can be read\n");
}

static void
test_errors_are_grouped_by_file(void **state)
{
	char text[EXPAND_BYTES];
	struct scratch *scratch = *state;

	write_file(scratch, "a.ini", "[server]\nuser = a\nfoo = 1\n");
	assert_null(load_text(scratch, "include = a.ini\n"
				       "include = b.ini\n"
				       "[server]\n"
				       "user = b\n" REST));
	assert_string_equal(errors_of(scratch),
	    expand(text,
		"a.ini:3: server.foo: unknown key; allowed: @server@\n"
		"tined.ini:2: include: \"b.ini\": No such file or directory; "
		"name "
		"a file that can be read\n"
		"tined.ini:4: server.user: already set at a.ini:2; take one of "
		"them out\n"));
}

static void
test_a_file_cannot_include_itself(void **state)
{
	struct scratch *scratch = *state;

	make_folder(scratch, "d");
	write_file(scratch, "d/a.ini", "include = ../tined.ini\n");
	assert_null(load_text(scratch, "include = d/*\n" REST));
	assert_string_equal(errors_of(scratch),
	    "d/a.ini:1: include: \"d/../tined.ini\": includes itself; take "
	    "this include out\n");
}

static void
test_includes_are_not_nested_for_ever(void **state)
{
	struct scratch *scratch = *state;
	char name[32], text[64];

	for (int i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "%d.ini", i);
		snprintf(text, sizeof(text), "include = %d.ini\n", i + 1);
		write_file(scratch, name, text);
	}
	assert_null(load_text(scratch, "include = 0.ini\n" REST));
	assert_string_equal(errors_of(scratch),
	    "7.ini:1: include: \"8.ini\": includes are nested more than 8 "
	    "deep; take this include out\n");
}

static void
test_what_is_no_file_is_not_included(void **state)
{
	struct scratch *scratch = *state;

	make_folder(scratch, "d");
	assert_int_equal(mkfifo(path_of(scratch, "fifo"), 0600), 0);
	assert_null(load_text(
	    scratch, "include = d\ninclude = fifo\ninclude = /dev/zero\n"));
	assert_string_equal(errors_of(scratch),
	    "tined.ini:1: include: \"d\": Is a directory; name a file\n"
	    "tined.ini:2: include: \"fifo\": not a regular file; take this "
	    "include out\n"
	    "tined.ini:3: include: \"/dev/zero\": not a regular file; take "
	    "this include out\n");
}

static void
test_a_missing_configuration_is_one_error(void **state)
{
	assert_null(load(*state));
	assert_string_equal(errors_of(*state),
	    "tined.ini: No such file or directory; name a file that can be "
	    "read\n");
}

/*
 * Quick mode
 */

/*
 * Against the machine
 */

static void
test_what_is_not_on_this_machine_is_told(void **state)
{
	struct scratch *scratch = *state;
	char text[1024];

	make_folder(scratch, "d");
	snprintf(text, sizeof(text),
	    "[server]\n"
	    "user = no-such-user\n"
	    "group = no-such-group\n"
	    "pid_file = %s/none/deep/pid\n"
	    "[error_log]\n"
	    "path = %s/d\n"
	    "[access_log]\n"
	    "path = %s/d/access.log\n"
	    "[listen]\n"
	    "address = unix:%s/none/sock\n"
	    "address = unix:%s/d/sock\n"
	    "[site]\n"
	    "root = %s/none\n"
	    "[site:b]\n"
	    "root = %s/d\n"
	    "hosts = b\n",
	    scratch->dir, scratch->dir, scratch->dir, scratch->dir,
	    scratch->dir, scratch->dir, scratch->dir);
	assert_loads(scratch, text);
	assert_int_equal(
	    conf_check_system(scratch->conf, &scratch->errors), -1);
	assert_string_equal(errors_of(scratch),
	    "tined.ini:2: server.user: \"no-such-user\": no such user on this "
	    "machine; create it or name another\n"
	    "tined.ini:3: server.group: \"no-such-group\": no such group on "
	    "this machine; create it or name another\n"
	    "tined.ini:4: server.pid_file: \"none/deep/pid\": its folder "
	    "cannot be "
	    "written: No such file or directory; create it, change its owner, "
	    "or name another path\n"
	    "tined.ini:6: error_log.path: \"d\": Is a directory; name a file "
	    "in it\n"
	    "tined.ini:10: listen.address: \"none/sock\": its folder cannot be "
	    "written: No such file or directory; create it, change its owner, "
	    "or name another path\n"
	    "tined.ini:13: site.root: \"none\": No such file or directory; "
	    "name a folder that can be read\n");
}

static void
test_root_does_not_serve_as_root_unless_told(void **state)
{
	struct scratch *scratch = *state;
	static const char site[] = "[listen]\naddress = 1\n[site]\nroot = /\n";
	char text[128];

	if (geteuid() != 0)
		skip();
	assert_loads(scratch, site);
	assert_int_equal(
	    conf_check_system(scratch->conf, &scratch->errors), -1);
	assert_string_equal(errors_of(scratch),
	    "tined.ini:1: server.user: refusing to serve as root: set "
	    "server.user = www-data, or server.allow_root = yes\n");
	snprintf(text, sizeof(text), "[server]\nuser = root\n%s", site);
	assert_loads(scratch, text);
	assert_int_equal(
	    conf_check_system(scratch->conf, &scratch->errors), -1);
	assert_string_equal(errors_of(scratch),
	    "tined.ini:2: server.user: \"root\": refusing to serve as root; "
	    "name another user, or set server.allow_root = yes\n");
	snprintf(text, sizeof(text), "[server]\nallow_root = yes\n%s", site);
	assert_loads(scratch, text);
	assert_int_equal(conf_check_system(scratch->conf, &scratch->errors), 0);
}

/* As somebody who is not root, in a process of its own. */
static int
check_as_other(struct conf *conf)
{
	struct conf_errors errors = { 0 };
	bool told;

	if (setresgid(65534, 65534, 65534) == -1 ||
	    setresuid(65534, 65534, 65534) == -1)
		return 2;
	if (conf_check_system(conf, &errors) == 0)
		return 3;
	told = errors.nlines == 1 &&
	       strstr(errors.lines[0], ":2: server.user: \"daemon\": only root "
				       "can become another user; start tined "
				       "as root or take the key out") != NULL;
	conf_errors_fini(&errors);
	return told ? 0 : 4;
}

static void
test_only_root_can_become_another_user(void **state)
{
	struct scratch *scratch = *state;
	int status;
	pid_t pid;

	if (geteuid() != 0 || getpwnam("daemon") == NULL)
		skip();
	assert_loads(scratch, "[server]\nuser = daemon\n[listen]\naddress = 1\n"
			      "[site]\nroot = /\n");
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0)
		_exit(check_as_other(scratch->conf));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_old_name_works_and_is_told),
		TEST(every_mistake_is_told_with_its_place),
		TEST(all_errors_come_at_once_in_the_order_of_lines),
		TEST(a_file_that_is_no_configuration_gives_a_hundred_errors),
		TEST(without_a_section_every_key_has_its_default),
		TEST(values_of_every_type_are_read),
		TEST(a_list_grows_by_words_and_by_repeated_keys),
		TEST(error_pages_of_a_site_add_to_those_of_all),
		TEST(the_default_site_comes_first),
		TEST(port_zero_may_be_listened_on_twice),
		TEST(the_rest_of_a_long_line_is_no_key),
		TEST(a_line_of_196_bytes_is_read_whole),
		TEST(a_comment_may_be_of_any_length),
		TEST(a_section_name_has_at_most_49_bytes),
		TEST(a_nul_is_refused),
		TEST(a_byte_order_mark_and_crlf_mean_nothing),
		TEST(a_pattern_includes_files_in_order_relative_to_its_file),
		TEST(a_folder_with_wildcards_in_its_name_is_no_pattern),
		TEST(a_pattern_may_match_nothing),
		TEST(an_included_file_must_exist),
		TEST(errors_are_grouped_by_file),
		TEST(a_file_cannot_include_itself),
		TEST(includes_are_not_nested_for_ever),
		TEST(what_is_no_file_is_not_included),
		TEST(a_missing_configuration_is_one_error),
		TEST(what_is_not_on_this_machine_is_told),
		TEST(root_does_not_serve_as_root_unless_told),
		TEST(only_root_can_become_another_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
