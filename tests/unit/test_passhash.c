/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/passhash.h"

#include <string.h>

#include "rows.h"

/* Of the password "wonder", as htpasswd and mkpasswd print it. */
#define BCRYPT "$2y$04$yWOfcDsjYWcFFqn81.I32.AXba4XgW.4fnOz2x5wUsckMY9tjCH66"
#define SHA256 "$5$4vCf1E75wdyYmdqX$oz64z85PlW515Q551Ck9Plo3iw3ORwmwUNgQ6FwOdpA"
#define SHA512                                                                 \
	"$6$/8CP6MK9uTo0u4i8$8ABbhl9yK.8jlGJ9x6ixwnbRuou30giZCisDabGEC/"       \
	"dsNPpcZkVsA5NejTu1kjjoqQF0b2u/b7XVnv9w8ZdmD."
#define YESCRYPT                                                               \
	"$y$j75$OLIHH7pzciJm6s/g1SVl4.$7yTuCoNr4gQWRqyCFN/"                    \
	"pRiXuymCbfSdxUfLe0CJODx9"
#define BCRYPT_B "$2b$05$/ZapNEjf3W2t5zVxMcTHKuqLMwypl/oqYdjDxtF1Fuz1266Wol46C"
#define APR1     "$apr1$Kp2uGJg3$tNhNKP1FtfdZLzEtLZ7FU."
#define SHA1     "{SHA}w3QkzGJswDXW5OKZHAJw0FELjfM="
#define DES      "N1MoUQ5l6aClI"

struct row {
	const char *name;
	const char *hash;
	const char *problem; /* a part of it; NULL: it can be used */
};

static const struct row kinds[] = {
	{ "bcrypt of htpasswd", BCRYPT, NULL },
	{ "bcrypt of mkpasswd", BCRYPT_B, NULL },
	{ "sha-256", SHA256, NULL },
	{ "sha-512", SHA512, NULL },
	{ "yescrypt", YESCRYPT, NULL },
	{ "apache md5", APR1, "MD5" },
	{ "sha-1", SHA1, "SHA-1" },
	{ "des", DES, "DES" },
	{ "plain text", "wonder", "plain text" },
	{ "plain text of 13 letters", "wonder-wonder", "plain text" },
	{ "nothing", "", "plain text" },
	{ "a dollar", "$", "plain text" },
	{ "sha-512 without its end", "$6$salt$", "damaged" },
	{ "bcrypt cut off", "$2y$05$eRqC5.CdrFMDV.rch6YBn.3o83KZ6Q4Rg4A4fwm",
	    "damaged" },
	{ "bcrypt without a cost", "$2y$", "damaged" },
};

static void
check_kind(void **state)
{
	const struct row *row = *state;
	const char *problem = passhash_judge(row->hash);

	if (row->problem == NULL) {
		assert_null(problem);
		assert_true(passhash_matches("wonder", row->hash));
		assert_false(passhash_matches("wonde", row->hash));
		assert_false(passhash_matches("wonder ", row->hash));
		assert_false(passhash_matches("", row->hash));
	} else {
		assert_non_null(problem);
		assert_non_null(strstr(problem, row->problem));
	}
}

/* crypt(3) gives a text for an error that must not be taken for a hash. */
static void
test_an_error_is_no_match(void **state)
{
	(void)state;
	assert_false(passhash_matches("wonder", "*0"));
	assert_false(passhash_matches("wonder", "*1"));
	assert_false(passhash_matches("*0", "*0"));
}

static void
test_a_password_may_be_as_long_as_crypt_takes_it(void **state)
{
	char text[PASSHASH_PASSWORD_BYTES + 1];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_false(passhash_matches(text, SHA256));
}

int
main(void)
{
	static struct rows rows;

	ROWS_ADD(&rows, kinds, check_kind);
	ROWS_TEST(&rows, test_an_error_is_no_match);
	ROWS_TEST(&rows, test_a_password_may_be_as_long_as_crypt_takes_it);
	return rows_run(&rows, "passhash");
}
