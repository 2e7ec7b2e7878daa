/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/digest.h"

#include <stdio.h>

#include "rows.h"

static void
assert_digest(const unsigned char *digest, const char *hex)
{
	char text[2 * DIGEST_BYTES + 1];

	for (size_t i = 0; i < DIGEST_BYTES; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", digest[i]);
	assert_string_equal(text, hex);
}

struct hash_row {
	const char *name;
	const char *data;
	const char *hex;
};

/* RFC 6234 8.5. */
static const struct hash_row hash_rows[] = {
	{ "sha-256 of nothing", "",
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85"
	    "5" },
	{ "sha-256 of abc", "abc",
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a"
	    "d" },
	{ "sha-256 of two blocks",
	    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c"
	    "1" },
};

static void
check_hash(void **state)
{
	const struct hash_row *row = *state;
	unsigned char digest[DIGEST_BYTES];

	digest_sha256(span_of(row->data), digest);
	assert_digest(digest, row->hex);
}

struct mac_row {
	const char *name;
	int key_byte; /* repeated; -1: key is a text */
	size_t key_len;
	const char *key;
	int data_byte; /* likewise */
	size_t data_len;
	const char *data;
	const char *hex;
};

/* RFC 4231 4; case 4 has the bytes 1 to 25 as its key. */
static const struct mac_row mac_rows[] = {
	{ "rfc 4231 case 1", 0x0b, 20, NULL, -1, 0, "Hi There",
	    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff"
	    "7" },
	{ "rfc 4231 case 2", -1, 4, "Jefe", -1, 0,
	    "what do ya want for nothing?",
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec384"
	    "3" },
	{ "rfc 4231 case 3", 0xaa, 20, NULL, 0xdd, 50, NULL,
	    "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565f"
	    "e" },
	{ "rfc 4231 case 4", -1, 25,
	    "\001\002\003\004\005\006\007\010\011\012\013\014\015\016\017\020"
	    "\021\022\023\024\025\026\027\030\031",
	    0xcd, 50, NULL,
	    "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665"
	    "b" },
	{ "rfc 4231 case 6", 0xaa, 131, NULL, -1, 0,
	    "Test Using Larger Than Block-Size Key - Hash Key First",
	    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f5"
	    "4" },
	{ "rfc 4231 case 7", 0xaa, 131, NULL, -1, 0,
	    "This is a test using a larger than block-size key and a larger "
	    "than block-size data. The key needs to be hashed before being "
	    "used by the HMAC algorithm.",
	    "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e"
	    "2" },
};

static void
check_mac(void **state)
{
	const struct mac_row *row = *state;
	char key[256], data[256];
	struct span k = { row->key, row->key_len }, d = span_of(row->data);
	unsigned char digest[DIGEST_BYTES];

	if (row->key_byte != -1) {
		memset(key, row->key_byte, row->key_len);
		k.ptr = key;
	}
	if (row->data_byte != -1) {
		memset(data, row->data_byte, row->data_len);
		d = (struct span){ data, row->data_len };
	}
	digest_hmac(k, &d, 1, digest);
	assert_digest(digest, row->hex);
	/* The same in parts. */
	for (size_t i = 0; i <= d.len; i++) {
		const struct span parts[] = { { d.ptr, i },
			{ d.ptr + i, d.len - i } };

		digest_hmac(k, parts, 2, digest);
		assert_digest(digest, row->hex);
	}
}

static void
test_equal_sees_every_byte(void **state)
{
	unsigned char a[DIGEST_BYTES] = { 0 }, b[DIGEST_BYTES] = { 0 };

	(void)state;
	assert_true(digest_equal(a, b, sizeof(a)));
	for (size_t i = 0; i < sizeof(a); i++) {
		b[i] = 0x80;
		assert_false(digest_equal(a, b, sizeof(a)));
		b[i] = 0;
	}
}

static void
test_what_is_drawn_is_another_each_time(void **state)
{
	unsigned char a[DIGEST_BYTES] = { 0 }, b[DIGEST_BYTES] = { 0 };

	(void)state;
	digest_draw(a, sizeof(a));
	digest_draw(b, sizeof(b));
	assert_false(digest_equal(a, b, sizeof(a)));
}

int
main(void)
{
	static struct rows rows;

	assert_true(digest_is_there());
	ROWS_ADD(&rows, hash_rows, check_hash);
	ROWS_ADD(&rows, mac_rows, check_mac);
	ROWS_TEST(&rows, test_equal_sees_every_byte);
	ROWS_TEST(&rows, test_what_is_drawn_is_another_each_time);
	return rows_run(&rows, "digest");
}
