/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/hashname.h"

#define HASHNAME_MIN 8

/* Of digits alone, without a word in front of them. */
#define HASHNAME_BARE_MIN 16

#define HASHNAME_UUID 36

/* Endings that stand between a hash and the last one. */
static const struct span hashname_endings[] = {
	{ "js", 2 },
	{ "mjs", 3 },
	{ "cjs", 3 },
	{ "css", 3 },
	{ "min", 3 },
	{ "chunk", 5 },
	{ "bundle", 6 },
	{ "module", 6 },
};

/* What there is in a part of a name. */
struct hashname_count {
	size_t ndigits;
	size_t nletters;
	size_t nruns;    /* a capital goes on with small letters */
	size_t nreturns; /* letters behind a digit */
	bool lower_hex;  /* nothing but 0-9a-f */
	bool upper_hex;
	bool base32; /* nothing but A-Z2-7 */
	bool other;  /* something that is neither a letter nor a digit */
};

enum hashname_class {
	HASHNAME_DIGIT,
	HASHNAME_UPPER,
	HASHNAME_LOWER,
	HASHNAME_OTHER,
};

static enum hashname_class
hashname_classify(char c)
{
	if (c >= '0' && c <= '9')
		return HASHNAME_DIGIT;
	if (c >= 'A' && c <= 'Z')
		return HASHNAME_UPPER;
	if (c >= 'a' && c <= 'z')
		return HASHNAME_LOWER;
	return HASHNAME_OTHER;
}

static struct hashname_count
hashname_count(struct span part)
{
	struct hashname_count count = {
		.lower_hex = true, .upper_hex = true, .base32 = true
	};
	enum hashname_class before = HASHNAME_OTHER;

	for (size_t i = 0; i < part.len; i++) {
		char c = part.ptr[i];
		enum hashname_class class = hashname_classify(c);
		bool digit = class == HASHNAME_DIGIT;
		bool letter = !digit && class != HASHNAME_OTHER;
		bool word = class == HASHNAME_LOWER && before == HASHNAME_UPPER;

		count.ndigits += digit;
		count.nletters += letter;
		count.nreturns += letter && before == HASHNAME_DIGIT;
		count.nruns += class != before && !word;
		count.lower_hex &= digit || (c >= 'a' && c <= 'f');
		count.upper_hex &= digit || (c >= 'A' && c <= 'F');
		count.base32 &=
		    class == HASHNAME_UPPER || (c >= '2' && c <= '7');
		count.other |= class == HASHNAME_OTHER;
		before = class;
	}
	return count;
}

static bool
hashname_is_hash(struct span part, bool bare)
{
	const struct hashname_count count = hashname_count(part);

	/* A date has no letters, and most words have no digits. */
	if (part.len < HASHNAME_MIN || count.other || count.ndigits == 0 ||
	    count.nletters == 0)
		return false;
	if (count.lower_hex || count.upper_hex)
		return !bare || part.len >= HASHNAME_BARE_MIN;
	/* As in 1024x768, and 20240131T1200. */
	if (bare || count.ndigits > count.nletters)
		return false;
	if (count.base32 && part.len == HASHNAME_MIN)
		return count.nreturns > 0;
	return count.nruns * 5 >= part.len * 2;
}

/* Takes the ending behind the last dot off *name; false when it has none. */
static bool
hashname_take_ending(struct span *name, struct span *ending)
{
	const char *dot = memrchr(name->ptr, '.', name->len);

	if (dot == NULL || dot == name->ptr)
		return false;
	ending->ptr = dot + 1;
	ending->len = (size_t)(name->ptr + name->len - ending->ptr);
	name->len = (size_t)(dot - name->ptr);
	return true;
}

static bool
hashname_is_ending(struct span ending)
{
	const size_t n = sizeof(hashname_endings) / sizeof(hashname_endings[0]);

	for (size_t i = 0; i < n; i++)
		if (span_equal(hashname_endings[i], ending))
			return true;
	return false;
}

/* True when stem ends in a UUID, which names a thing and not its content. */
static bool
hashname_is_uuid(struct span stem)
{
	const char *uuid;

	if (stem.len < HASHNAME_UUID)
		return false;
	uuid = stem.ptr + stem.len - HASHNAME_UUID;
	return uuid[8] == '-' && uuid[13] == '-' && uuid[18] == '-' &&
	       uuid[23] == '-';
}

bool
hashname_is_hashed(struct span name)
{
	const char *slash = memrchr(name.ptr, '/', name.len);
	struct span stem = name, shorter, ending, part;

	if (slash != NULL) {
		stem.ptr = slash + 1;
		stem.len = (size_t)(name.ptr + name.len - stem.ptr);
	}
	if (!hashname_take_ending(&stem, &ending))
		return false;
	shorter = stem;
	while (hashname_take_ending(&shorter, &ending) &&
	       hashname_is_ending(ending))
		stem = shorter;
	part = (struct span){ stem.ptr + stem.len, 0 };
	while (part.ptr > stem.ptr && strchr("-._", part.ptr[-1]) == NULL) {
		part.ptr--;
		part.len++;
	}
	return hashname_is_hash(part, part.len == stem.len) &&
	       !hashname_is_uuid(stem);
}
