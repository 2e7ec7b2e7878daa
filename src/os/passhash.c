/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/passhash.h"

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

#include "os/digest.h"

/* A kind of hash: how it begins, and how long its last part is. */
struct passhash_kind {
	const char *prefix;
	size_t last_len;     /* behind the last '$' */
	const char *problem; /* NULL: it can be used */
};

static const struct passhash_kind passhash_kinds[] = {
	{ "$2a$", 53, NULL },
	{ "$2b$", 53, NULL },
	{ "$2y$", 53, NULL },
	{ "$5$", 43, NULL },
	{ "$6$", 86, NULL },
	{ "$7$", 43, NULL },
	{ "$gy$", 43, NULL },
	{ "$y$", 43, NULL },
	{ "$apr1$", 0, "MD5, which is too weak" },
	{ "$1$", 0, "MD5, which is too weak" },
	{ "$md5", 0, "MD5, which is too weak" },
	{ "$sha1$", 0, "SHA-1, which is too weak" },
	{ "{SHA}", 0, "SHA-1 without a salt, which is too weak" },
	{ "$3$", 0, "an NT hash, which is too weak" },
	{ "_", 0, "DES, which is too weak" },
};

static const struct passhash_kind *
passhash_find_kind(const char *hash)
{
	size_t n = sizeof(passhash_kinds) / sizeof(passhash_kinds[0]);

	for (size_t i = 0; i < n; i++) {
		const char *prefix = passhash_kinds[i].prefix;

		if (strncmp(hash, prefix, strlen(prefix)) == 0)
			return &passhash_kinds[i];
	}
	return NULL;
}

/* What the two letters and eleven more of traditional DES are made of. */
static bool
passhash_is_des(const char *hash)
{
	return strlen(hash) == 13 &&
	       strspn(hash, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "abcdefghijklmnopqrstuvwxyz0123456789./") == 13;
}

const char *
passhash_judge(const char *hash)
{
	const struct passhash_kind *kind = passhash_find_kind(hash);
	int salt;

	if (kind == NULL)
		return passhash_is_des(hash)
			   ? "DES, which is too weak"
			   : "no hash that we know, perhaps plain text";
	if (kind->problem != NULL)
		return kind->problem;
	salt = crypt_checksalt(hash);
	if (salt == CRYPT_SALT_INVALID || salt == CRYPT_SALT_METHOD_DISABLED ||
	    strlen(strrchr(hash, '$') + 1) != kind->last_len)
		return "a damaged hash: was it cut off?";
	return NULL;
}

bool
passhash_matches(const char *password, const char *hash)
{
	struct crypt_data *data = calloc(1, sizeof(*data));
	const char *made;
	size_t len = strlen(hash);
	bool same = false;

	if (data == NULL)
		return false;
	made = crypt_r(password, hash, data);
	if (made != NULL && strlen(made) == len)
		same = digest_equal(made, hash, len);
	explicit_bzero(data, sizeof(*data));
	free(data);
	return same;
}
