/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/signature.h"

#include "core/number.h"
#include "http/query.h"

/* What is in the query of a link; zero: absent. */
struct signature_parts {
	struct span expires;
	struct span text;
	bool repeated;
};

void
signature_make(struct span key, struct span path, struct span expires,
    char out[SIGNATURE_LEN])
{
	const struct span parts[] = { path, SPAN("?expires="), expires };
	unsigned char digest[DIGEST_BYTES];

	digest_hmac(key, parts, 3, digest);
	base64_encode_url(digest, sizeof(digest), out);
}

/* Takes a parameter, of which there is to be one. */
static void
signature_take(
    struct signature_parts *parts, struct span *into, struct span value)
{
	if (into->ptr != NULL)
		parts->repeated = true;
	*into = value;
}

static struct signature_parts
signature_split(struct span query)
{
	struct signature_parts parts = { 0 };
	struct span name, value;

	while (query_take(&query, &name, &value))
		if (span_equal(name, SPAN("expires")))
			signature_take(&parts, &parts.expires, value);
		else if (span_equal(name, SPAN("signature")))
			signature_take(&parts, &parts.text, value);
	return parts;
}

/* The key that made the text; every one is tried, for the same time each. */
static const struct conf_secret *
signature_find_key(const struct conf_secrets *keys, struct span path,
    const struct signature_parts *parts)
{
	const struct conf_secret *found = NULL;
	char text[SIGNATURE_LEN];

	if (parts->text.len != SIGNATURE_LEN)
		return NULL;
	for (unsigned i = 0; i < keys->nitems; i++) {
		signature_make(
		    keys->items[i].value, path, parts->expires, text);
		if (digest_equal(text, parts->text.ptr, SIGNATURE_LEN))
			found = &keys->items[i];
	}
	return found;
}

enum signature_state
signature_check(const struct conf_secrets *keys, struct span path,
    struct span query, int64_t now_s, const struct conf_secret **key)
{
	struct signature_parts parts = signature_split(query);
	uint64_t expires_s;

	*key = NULL;
	if (parts.expires.ptr == NULL && parts.text.ptr == NULL)
		return SIGNATURE_ABSENT;
	if (parts.repeated || parts.expires.ptr == NULL ||
	    parts.text.ptr == NULL ||
	    number_parse_u64(parts.expires, &expires_s) == -1)
		return SIGNATURE_WRONG;
	*key = signature_find_key(keys, path, &parts);
	if (*key == NULL)
		return SIGNATURE_WRONG;
	return now_s >= 0 && (uint64_t)now_s >= expires_s ? SIGNATURE_EXPIRED
							  : SIGNATURE_GOOD;
}
