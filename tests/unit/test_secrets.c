/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/secrets.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/digest.h"

#define HASH "$2y$04$yWOfcDsjYWcFFqn81.I32.AXba4XgW.4fnOz2x5wUsckMY9tjCH66"
#define KEY  "0123456789abcdef"
#define REST "[listen]\naddress = 8080\n[site]\nroot = /srv/www\n"

struct scratch {
	char dir[32];
	struct conf *conf;
	struct conf_errors errors;
	char text[8192];
};

static int
setup(void **state)
{
	struct scratch *scratch = calloc(1, sizeof(*scratch));

	if (scratch == NULL)
		return -1;
	strcpy(scratch->dir, "/tmp/secrets-XXXXXX");
	*state = scratch;
	return mkdtemp(scratch->dir) == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	struct scratch *scratch = *state;
	char command[64];

	conf_free(&scratch->conf);
	conf_errors_fini(&scratch->errors);
	(void)snprintf(command, sizeof(command), "rm -rf %s", scratch->dir);
	assert_int_equal(system(command), 0);
	free(scratch);
	return 0;
}

static void
write_file(const struct scratch *scratch, const char *name, const char *text)
{
	char path[PATH_MAX];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", scratch->dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	(void)fputs(text, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

/* All lines that were said, the scratch folder taken away. */
static const char *
lines_of(struct scratch *scratch)
{
	const struct conf_errors *errors = &scratch->errors;
	size_t len = strlen(scratch->dir) + 1;
	char *found;

	scratch->text[0] = '\0';
	for (unsigned i = 0; i < errors->nlines + errors->nwarnings; i++) {
		strcat(scratch->text,
		    i < errors->nlines ? errors->lines[i]
				       : errors->warnings[i - errors->nlines]);
		strcat(scratch->text, "\n");
	}
	while ((found = strstr(scratch->text, scratch->dir)) != NULL)
		memmove(found, found + len, strlen(found + len) + 1);
	return scratch->text;
}

/* Loads a configuration in which @ stands for the scratch folder. */
static int
load(struct scratch *scratch, const char *text)
{
	char path[PATH_MAX], full[4096];
	size_t len = 0;

	for (; *text != '\0'; text++) {
		if (*text == '@')
			len += (size_t)snprintf(
			    full + len, sizeof(full) - len, "%s", scratch->dir);
		else
			full[len++] = *text;
	}
	full[len] = '\0';
	write_file(scratch, "tined.ini", full);
	(void)snprintf(path, sizeof(path), "%s/tined.ini", scratch->dir);
	scratch->conf = conf_load(path, NULL, &scratch->errors);
	if (scratch->conf == NULL)
		return -1;
	return secrets_load(scratch->conf, &scratch->errors);
}

#define ALL                                                                    \
	REST "[auth:a]\nhtpasswd = @/users\napi_keys = @/keys\n"               \
	     "url_keys = @/urls\n[match:*]\nauth = a\nroles = r\n"             \
	     "[role:r]\nusers = alice robot first\n"

static void
test_files_are_read_line_by_line(void **state)
{
	struct scratch *scratch = *state;
	unsigned char digest[DIGEST_BYTES];
	const struct conf_auth *auth;

	write_file(
	    scratch, "users", "# people\n\nalice:" HASH "\r\nbob:" HASH "  ");
	write_file(scratch, "keys",
	    "robot:" KEY "\nhashed:sha256:"
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9CB410FF61F20015AD"
	    "\n");
	write_file(scratch, "urls", "first:" KEY "1\nsecond:" KEY ":2\n");
	assert_int_equal(load(scratch, ALL), 0);
	assert_string_equal(lines_of(scratch), "");
	auth = &scratch->conf->auths[0];
	assert_true(auth->is_read);
	assert_int_equal(auth->users.nitems, 2);
	assert_string_equal(auth->users.items[0].name, "alice");
	assert_string_equal(auth->users.items[0].value.ptr, HASH);
	assert_int_equal(auth->users.items[0].line, 3);
	assert_string_equal(auth->users.items[1].value.ptr, HASH);
	assert_int_equal(auth->keys.nitems, 2);
	digest_sha256(SPAN(KEY), digest);
	assert_memory_equal(
	    auth->keys.items[0].value.ptr, digest, DIGEST_BYTES);
	digest_sha256(SPAN("abc"), digest);
	assert_memory_equal(
	    auth->keys.items[1].value.ptr, digest, DIGEST_BYTES);
	assert_string_equal(auth->urls.items[0].value.ptr, KEY "1");
	assert_string_equal(auth->urls.items[1].value.ptr, KEY ":2");
	assert_int_equal(auth->urls.items[1].value.len, 18);
	assert_non_null(secrets_find(&auth->users, SPAN("bob")));
	assert_null(secrets_find(&auth->users, SPAN("bo")));
	assert_string_equal(auth->challenge.ptr,
	    "WWW-Authenticate: Basic realm=\"Restricted\", "
	    "charset=\"UTF-8\"\r\n"
	    "WWW-Authenticate: Bearer realm=\"Restricted\"\r\n");
}

static void
test_every_mistake_has_its_line_and_no_secret(void **state)
{
	struct scratch *scratch = *state;

	write_file(scratch, "users",
	    "alice:" HASH "\nno colon\n:" HASH "\nbob:plain\n"
	    "carol:$apr1$Kp2uGJg3$tNhNKP1FtfdZLzEtLZ7FU.\n"
	    "dave:{SHA}w3QkzGJswDXW5OKZHAJw0FELjfM=\nerin:N1MoUQ5l6aClI\n"
	    "fay:$6$salt$short\na b:" HASH "\nalice:" HASH "\n");
	write_file(scratch, "keys",
	    "a:short\nb:sha256:12\nc:" KEY " " KEY "\nd:" KEY "\nd:" KEY "\n");
	write_file(scratch, "urls", "\n# nobody\n");
	assert_int_equal(load(scratch, ALL), -1);
#define HTPASSWD                                                               \
	"; write the line with htpasswd -B, or NAME: and what mkpasswd "       \
	"prints\n"
	assert_string_equal(lines_of(scratch),
	    "users:2: auth.htpasswd: a line without a colon: not "
	    "NAME:SECRET" HTPASSWD
	    "users:3: auth.htpasswd: no name before the colon" HTPASSWD
	    "users:4: auth.htpasswd: no hash that we know, perhaps plain "
	    "text" HTPASSWD
	    "users:5: auth.htpasswd: MD5, which is too weak" HTPASSWD
	    "users:6: auth.htpasswd: SHA-1 without a salt, which is too "
	    "weak" HTPASSWD
	    "users:7: auth.htpasswd: DES, which is too weak" HTPASSWD
	    "users:8: auth.htpasswd: a damaged hash: was it cut off?" HTPASSWD
	    "users:9: auth.htpasswd: a name with a blank or a control "
	    "character" HTPASSWD
	    "users:10: auth.htpasswd: \"alice\" is in line 1 already; take one "
	    "of them out\n"
	    "keys:1: auth.api_keys: a key of less than 16 characters, which "
	    "could be guessed; make one with openssl rand -hex 32\n"
	    "keys:2: auth.api_keys: behind sha256: not the 64 digits of a "
	    "hash, as sha256sum prints it\n"
	    "keys:3: auth.api_keys: a key with a blank or a character beyond "
	    "ASCII; make one with openssl rand -hex 32\n"
	    "keys:5: auth.api_keys: \"d\" is in line 4 already; take one of "
	    "them out\n"
	    "urls:1: auth.url_keys: nobody is in it; add NAME:SECRET\n");
	assert_false(scratch->conf->auths[0].is_read);
}

static void
test_files_that_cannot_be_read_are_named(void **state)
{
	struct scratch *scratch = *state;

	assert_int_equal(
	    load(scratch, REST "[auth:a]\nhtpasswd = @/none\n"
			       "api_keys = @\nurl_keys = /dev/null\n"),
	    -1);
	assert_string_equal(lines_of(scratch),
	    "tined.ini:6: auth.htpasswd: \"none\": No such file or directory; "
	    "name a file that can be read\n"
	    "tined.ini:7: auth.api_keys: \": Is a directory; name a file that "
	    "can be read\n"
	    "tined.ini:8: auth.url_keys: \"/dev/null\": not a regular file; "
	    "name a file that can be read\n");
}

static void
test_what_helps_is_a_warning(void **state)
{
	struct scratch *scratch = *state;
	char path[PATH_MAX];

	write_file(scratch, "users", "alice:" HASH "\n");
	(void)snprintf(path, sizeof(path), "%s/users", scratch->dir);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(
	    load(scratch, REST "[auth:a]\nhtpasswd = @/users\n[match:*]\n"
			       "auth = a\nroles = r\n[role:r]\n"
			       "users = alice alcie\n"),
	    0);
	assert_string_equal(lines_of(scratch),
	    "users:1: warning: auth.htpasswd: everybody on this machine can "
	    "read it; chmod o-r helps\n"
	    "tined.ini:11: warning: role.users: \"alcie\": no file of an "
	    "[auth] section has this name\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_files_are_read_line_by_line, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_every_mistake_has_its_line_and_no_secret, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_files_that_cannot_be_read_are_named, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_what_helps_is_a_warning, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
