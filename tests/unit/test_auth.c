/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/auth.h"

#include <stdio.h>
#include <stdlib.h>

#include "rows.h"

#define KEY       "0123456789abcdef"
#define CHALLENGE "WWW-Authenticate: Basic\r\n"

/* "alice:wonder", "bob:x", and what is not quite that. */
#define ALICE "Authorization: Basic YWxpY2U6d29uZGVy\r\n"
#define BOB   "Authorization: Basic Ym9iOng=\r\n"

static const struct request_limits limits = {
	.head_bytes = 16384,
	.target_bytes = 1024,
	.field_bytes = 8192,
	.nfields = 100,
};

static struct conf_secret users[] = { { .name = "alice" } };
static struct conf_secret keys[] = { { .name = "robot" } };

#define LIST(...)                                                              \
	{                                                                      \
		.items = (const char *[]){ __VA_ARGS__ },                      \
		.nitems = sizeof((const char *[]){ __VA_ARGS__ }) /            \
			  sizeof(const char *),                                \
	}

static struct conf_auth both = {
	.name = "both",
	.challenge = { CHALLENGE, sizeof(CHALLENGE) - 1 },
	.users = { users, 1 },
	.keys = { keys, 1 },
};
static struct conf_auth links = {
	.name = "links",
	.number = 1,
	.urls = { keys, 1 },
};
static const struct conf_role editors = { "editors", LIST("alice") };
static const struct conf_role robots = { "robots", LIST("x", "robot") };
static const struct conf_role *editor_refs[] = { &editors };
static const struct conf_role *robot_refs[] = { &editors, &robots };

/* What every section has. */
#define SAYING .glob = "", .type = "", .cache = ""

/* Bit 0 asks, 1 wants editors, 2 lets in, 3 wants more, 4 asks for links. */
static const struct conf_match sections[] = {
	{ SAYING, .auth = "both", .guard = &both },
	{ SAYING, .auth = "", .roles = LIST("editors"),
	    .role_refs = editor_refs },
	{ SAYING, .auth = "none" },
	{ SAYING, .auth = "", .roles = LIST("editors", "robots"),
	    .role_refs = robot_refs },
	{ SAYING, .auth = "links", .guard = &links },
};
static const struct conf_match *matches[] = { &sections[0], &sections[1],
	&sections[2], &sections[3], &sections[4] };
static const struct conf_site conf = { .matches = matches, .nmatches = 5 };

struct row {
	const char *name;
	uint64_t matched;
	const char *fields;
	enum auth_outcome outcome;
	int status; /* 0: it may go on */
	const char *subject;
};

#define ASK   UINT64_C(1)
#define EDIT  UINT64_C(2)
#define OPEN  UINT64_C(4)
#define ROBOT UINT64_C(8)
#define LINK  UINT64_C(16)

/* alice's password was found to be right, bob's to be wrong. */
static const struct row rows_of_requests[] = {
	{ "nobody is asked", 0, "", AUTH_OPEN, 0, NULL },
	{ "nothing is sent", ASK, "", AUTH_ANONYMOUS, 401, NULL },
	{ "a good password", ASK, ALICE, AUTH_KNOWN, 0, "alice" },
	{ "a bad password", ASK, BOB, AUTH_WRONG, 401, NULL },
	{ "a password not judged yet", ASK, "Authorization: Basic ZXZlOng=\r\n",
	    AUTH_WAITS, 503, NULL },
	{ "the scheme in another case", ASK,
	    "Authorization: bASIC YWxpY2U6d29uZGVy\r\n", AUTH_KNOWN, 0,
	    "alice" },
	{ "the name in another case", ASK,
	    "AUTHORIZATION: Basic YWxpY2U6d29uZGVy\r\n", AUTH_KNOWN, 0,
	    "alice" },
	{ "two blanks", ASK, "Authorization: Basic  YWxpY2U6d29uZGVy\r\n",
	    AUTH_KNOWN, 0, "alice" },
	{ "a tab", ASK, "Authorization: Basic\tYWxpY2U6d29uZGVy\r\n",
	    AUTH_ANONYMOUS, 401, NULL },
	{ "nothing behind the scheme", ASK, "Authorization: Basic\r\n",
	    AUTH_MALFORMED, 401, NULL },
	{ "a scheme that is longer", ASK,
	    "Authorization: BasicX YWxpY2U6d29uZGVy\r\n", AUTH_ANONYMOUS, 401,
	    NULL },
	{ "another scheme", ASK, "Authorization: Digest a=b\r\n",
	    AUTH_ANONYMOUS, 401, NULL },
	{ "no base64", ASK, "Authorization: Basic !!!!\r\n", AUTH_MALFORMED,
	    401, NULL },
	{ "base64 without its padding", ASK, "Authorization: Basic Ym9iOng\r\n",
	    AUTH_MALFORMED, 401, NULL },
	{ "no colon", ASK, "Authorization: Basic YWxpY2U=\r\n", AUTH_MALFORMED,
	    401, NULL },
	{ "a NUL in the password", ASK,
	    "Authorization: Basic YWxpY2U6d29uZGVyAA==\r\n", AUTH_MALFORMED,
	    401, NULL },
	{ "a newline in the user", ASK, "Authorization: Basic YWxpY2UKOng=\r\n",
	    AUTH_MALFORMED, 401, NULL },
	{ "RFC 7617 2 a DEL in the user", ASK,
	    "Authorization: Basic YWxpY2V/Ong=\r\n", AUTH_MALFORMED, 401,
	    NULL },
	{ "a key as a bearer", ASK, "Authorization: Bearer " KEY "\r\n",
	    AUTH_KNOWN, 0, "robot" },
	{ "a key in its own field", ASK, "x-api-key: " KEY "\r\n", AUTH_KNOWN,
	    0, "robot" },
	{ "a wrong key", ASK, "X-API-Key: " KEY "0\r\n", AUTH_WRONG, 401,
	    NULL },
	{ "an empty key", ASK, "X-API-Key:\r\n", AUTH_WRONG, 401, NULL },
	{ "a wrong key beside a good password", ASK, "X-API-Key: 1\r\n" ALICE,
	    AUTH_KNOWN, 0, "alice" },
	{ "an editor", ASK | EDIT, ALICE, AUTH_KNOWN, 0, "alice" },
	{ "no editor", ASK | EDIT, "X-API-Key: " KEY "\r\n", AUTH_ROLELESS, 403,
	    "robot" },
	{ "one of two roles", ASK | EDIT | ROBOT, "X-API-Key: " KEY "\r\n",
	    AUTH_KNOWN, 0, "robot" },
	{ "nobody, where a role is wanted", ASK | EDIT, "", AUTH_ANONYMOUS, 401,
	    NULL },
	{ "a role where nobody is asked", EDIT, ALICE, AUTH_ROLELESS, 403,
	    NULL },
	{ "let in by a later section", ASK | OPEN, "", AUTH_OPEN, 0, NULL },
	{ "let in whatever the role", ASK | EDIT | OPEN, "", AUTH_OPEN, 0,
	    NULL },
	{ "a link where only links count", LINK, "", AUTH_ANONYMOUS, 403,
	    NULL },
	{ "a password where only links count", LINK, ALICE, AUTH_ANONYMOUS, 403,
	    NULL },
};

struct fixture {
	struct site site;
	struct auth auth;
	struct clock clock;
	struct request request;
	struct reply reply;
	char text[16384];
};

static void
ask(struct fixture *f, const char *fields)
{
	int len = snprintf(f->text, sizeof(f->text),
	    "GET /x HTTP/1.1\r\nHost: x\r\n%s\r\n", fields);

	request_init(&f->request);
	assert_int_equal(
	    request_feed(&f->request, &limits, f->text, (size_t)len),
	    REQUEST_DONE);
}

static bool
check(struct fixture *f, uint64_t matched)
{
	const struct auth_asked asked = {
		.request = &f->request,
		.site = &f->site,
		.path = SPAN("/x"),
		.clock = &f->clock,
	};

	return auth_check(&f->auth, &asked, matched, &f->reply);
}

/* Lets a password be judged: what is asked must wait, and then is known. */
static void
teach(struct fixture *f, const char *fields, bool good)
{
	ask(f, fields);
	auth_begin(&f->auth);
	assert_false(check(f, ASK));
	assert_int_equal(f->auth.outcome, AUTH_WAITS);
	auth_remember(&f->auth, f->auth.question.tag, good, 0);
}

static struct fixture *
make_fixture(void)
{
	static struct fixture f;
	static unsigned char digest[DIGEST_BYTES];

	digest_sha256(SPAN(KEY), digest);
	keys[0].value = (struct span){ (const char *)digest, DIGEST_BYTES };
	f = (struct fixture){ .clock = { .wall_s = 1000 } };
	assert_int_equal(site_init(&f.site, &conf, -1), 0);
	assert_int_equal(auth_init(&f.auth, &f.site, 1), 0);
	teach(&f, ALICE, true);
	teach(&f, BOB, false);
	return &f;
}

static void
free_fixture(struct fixture *f)
{
	auth_fini(&f->auth);
	site_fini(&f->site);
}

static void
check_row(void **state)
{
	const struct row *row = *state;
	struct fixture *f = make_fixture();

	ask(f, row->fields);
	auth_begin(&f->auth);
	assert_int_equal(check(f, row->matched), row->status == 0);
	assert_int_equal(f->auth.outcome, row->outcome);
	assert_span(f->auth.subject, row->subject);
	if (row->status != 0)
		assert_int_equal(f->reply.response.status, row->status);
	if (row->status == 401)
		assert_span(f->reply.response.challenge, CHALLENGE);
	if (row->status == 503)
		assert_int_equal(f->reply.response.retry_after_s, 5);
	free_fixture(f);
}

/* What let somebody see a folder, and what of it that shows. */
static void
test_a_pass_admits_to_what_the_same_sections_guard(void **state)
{
	struct fixture *f = make_fixture();
	const struct auth_pass none = { 0 };
	const struct auth_pass plain = { .guard = &both };
	const struct auth_pass editor = { .guard = &both,
		.role_section = &sections[1] };
	const struct auth_pass other = { .guard = &links };

	(void)state;
	assert_true(auth_pass_admits(none, &f->site, 0));
	assert_false(auth_pass_admits(none, &f->site, EDIT));
	assert_true(auth_pass_admits(none, &f->site, ASK | OPEN));
	assert_false(auth_pass_admits(none, &f->site, ASK));
	assert_true(auth_pass_admits(plain, &f->site, ASK));
	assert_false(auth_pass_admits(other, &f->site, ASK));
	assert_false(auth_pass_admits(plain, &f->site, ASK | EDIT));
	assert_true(auth_pass_admits(editor, &f->site, ASK));
	assert_true(auth_pass_admits(editor, &f->site, ASK | EDIT));
	assert_false(auth_pass_admits(editor, &f->site, ASK | ROBOT));
	free_fixture(f);
}

static void
test_a_ruling_is_for_one_password_alone(void **state)
{
	struct fixture *f = make_fixture();
	static const enum auth_outcome rulings[] = { AUTH_KNOWN, AUTH_WRONG,
		AUTH_BUSY };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		f->auth.ruling = (struct auth_ruling){ .outcome = AUTH_OPEN };
		ask(f, "Authorization: Basic ZXZlOng=\r\n");
		auth_begin(&f->auth);
		assert_false(check(f, ASK));
		f->auth.ruling.outcome = rulings[i];
		memcpy(f->auth.ruling.tag, f->auth.question.tag,
		    sizeof(f->auth.ruling.tag));
		auth_begin(&f->auth);
		assert_int_equal(check(f, ASK), i == 0);
		assert_int_equal(f->auth.outcome, rulings[i]);
		ask(f, "Authorization: Basic ZXZlOnk=\r\n");
		auth_begin(&f->auth);
		assert_false(check(f, ASK));
		assert_int_equal(f->auth.outcome, AUTH_WAITS);
	}
	free_fixture(f);
}

static void
test_what_is_known_of_a_password_ends(void **state)
{
	struct fixture *f = make_fixture();

	(void)state;
	f->clock.mono_ms = 5000;
	ask(f, BOB);
	auth_begin(&f->auth);
	assert_false(check(f, ASK));
	assert_int_equal(f->auth.outcome, AUTH_WAITS);
	f->clock.mono_ms = 299999;
	ask(f, ALICE);
	auth_begin(&f->auth);
	assert_true(check(f, ASK));
	f->clock.mono_ms = 300000;
	auth_begin(&f->auth);
	assert_false(check(f, ASK));
	assert_int_equal(f->auth.outcome, AUTH_WAITS);
	free_fixture(f);
}

/* A password that is right in one [auth] says nothing in another. */
static void
test_sections_do_not_share_what_they_know(void **state)
{
	struct fixture *f = make_fixture();

	(void)state;
	both.number = 7;
	ask(f, ALICE);
	auth_begin(&f->auth);
	assert_false(check(f, ASK));
	assert_int_equal(f->auth.outcome, AUTH_WAITS);
	assert_int_equal(f->auth.question.auth, 7);
	assert_string_equal(f->auth.question.text, "alice");
	assert_string_equal(f->auth.question.text + 6, "wonder");
	both.number = 0;
	free_fixture(f);
}

/* The file that is served may be one of further sections. */
static void
test_a_second_look_counts_what_is_new(void **state)
{
	struct fixture *f = make_fixture();

	(void)state;
	ask(f, "X-API-Key: " KEY "\r\n");
	auth_begin(&f->auth);
	assert_true(check(f, ASK));
	assert_true(check(f, ASK | ROBOT));
	assert_span(f->auth.subject, "robot");
	assert_true(check(f, 0));
	assert_span(f->auth.subject, "robot");
	assert_false(check(f, ASK | LINK));
	assert_int_equal(f->reply.response.status, 403);
	auth_begin(&f->auth);
	assert_true(check(f, 0));
	assert_false(check(f, EDIT | ASK));
	assert_int_equal(f->auth.outcome, AUTH_ROLELESS);
	free_fixture(f);
}

/* Of each length there is one that is too long; no byte is read beyond. */
static void
test_a_long_password_is_refused_at_once(void **state)
{
	struct fixture *f = make_fixture();
	char fields[8192] = "Authorization: Basic ";

	(void)state;
	for (size_t n = 4; n < 8000; n += 64) {
		/* "a:" and as many more letters. */
		memcpy(fields + 21, "YTph", 4);
		for (size_t i = 4; i < n; i += 4)
			memcpy(fields + 21 + i, "YWFh", 4);
		memcpy(fields + 21 + n, "\r\n", 3);
		ask(f, fields);
		auth_begin(&f->auth);
		assert_false(check(f, ASK));
		assert_int_equal(f->auth.outcome,
		    n / 4 * 3 - 2 <= PASSHASH_PASSWORD_BYTES ? AUTH_WAITS
							     : AUTH_MALFORMED);
	}
	free_fixture(f);
}

static void
test_a_long_user_is_refused_at_once(void **state)
{
	struct fixture *f = make_fixture();
	char fields[2048] = "Authorization: Basic ";

	(void)state;
	for (size_t n = 3; n < 900; n += 3) {
		/* As many letters, and ":xx". */
		for (size_t i = 0; i < n / 3; i++)
			memcpy(fields + 21 + 4 * i, "YWFh", 4);
		memcpy(fields + 21 + n / 3 * 4, "Onh4\r\n", 7);
		ask(f, fields);
		auth_begin(&f->auth);
		assert_false(check(f, ASK));
		assert_int_equal(f->auth.outcome,
		    n <= CONF_SUBJECT_BYTES ? AUTH_WAITS : AUTH_MALFORMED);
	}
	free_fixture(f);
}

static void
test_no_memory_is_taken_where_nobody_is_asked(void **state)
{
	static const struct conf_site open = { .nmatches = 0 };
	struct site site;
	struct auth auth;

	(void)state;
	assert_int_equal(site_init(&site, &open, -1), 0);
	assert_int_equal(auth_init(&auth, &site, 1), 0);
	assert_null(auth.good.rows);
	auth_fini(&auth);
	site_fini(&site);
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, rows_of_requests, check_row);
	ROWS_TEST(&rows, test_a_pass_admits_to_what_the_same_sections_guard);
	ROWS_TEST(&rows, test_a_ruling_is_for_one_password_alone);
	ROWS_TEST(&rows, test_what_is_known_of_a_password_ends);
	ROWS_TEST(&rows, test_sections_do_not_share_what_they_know);
	ROWS_TEST(&rows, test_a_second_look_counts_what_is_new);
	ROWS_TEST(&rows, test_a_long_password_is_refused_at_once);
	ROWS_TEST(&rows, test_a_long_user_is_refused_at_once);
	ROWS_TEST(&rows, test_no_memory_is_taken_where_nobody_is_asked);
	return rows_run(&rows, "auth");
}
