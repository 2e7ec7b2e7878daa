/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ranges lie inside the file and are apart; of a small file they are the bytes
 * that a second, plainer reading of the field asks for.  A multipart body is as
 * long as it was said to be.  First byte: the file's size.
 */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <strings.h>

#include "http/multipart.h"

#define MAX_RANGES 8
#define SMALL      250

/* What a field asks for, byte by byte. */
struct wish {
	bool wanted[SMALL];
	uint64_t nasked; /* bytes, those of overlaps more than once */
	unsigned nranges;
};

static void
range_want(struct wish *wish, uint64_t first, uint64_t last, uint64_t size)
{
	if (first >= size)
		return;
	if (last >= size)
		last = size - 1;
	for (uint64_t i = first; i <= last; i++)
		wish->wanted[i] = true;
	wish->nasked += last - first + 1;
	wish->nranges++;
}

/* Digits, a dash, digits; one of the two may be missing. */
static bool
range_read_spec(struct wish *wish, char *spec, uint64_t size)
{
	char *dash = strchr(spec, '-');
	uint64_t first, last;

	if (dash == NULL || strspn(spec, "0123456789-") != strlen(spec) ||
	    strchr(dash + 1, '-') != NULL || strlen(spec) == 1)
		return false;
	first = strtoull(spec, NULL, 10);
	last = dash[1] == '\0' ? UINT64_MAX : strtoull(dash + 1, NULL, 10);
	if (dash == spec) {
		if (last > 0)
			range_want(wish, last < size ? size - last : 0,
			    UINT64_MAX, size);
		return true;
	}
	if (first > last)
		return false;
	range_want(wish, first, last, size);
	return true;
}

/* False when text, which is ours to change, is no Range field. */
static bool
range_read(struct wish *wish, char *text, uint64_t size)
{
	bool any = false;

	if (strncasecmp(text, "bytes=", 6) != 0)
		return false;
	text += 6;
	if (*text == ' ' || *text == '\t')
		return false;
	for (char *spec = strtok(text, ","); spec != NULL;
	     spec = strtok(NULL, ",")) {
		size_t len;

		spec += strspn(spec, " \t");
		len = strlen(spec);
		while (
		    len > 0 && (spec[len - 1] == ' ' || spec[len - 1] == '\t'))
			spec[--len] = '\0';
		if (len == 0)
			continue;
		any = true;
		if (!range_read_spec(wish, spec, size))
			return false;
	}
	return any;
}

static void
range_check_bytes(struct span text, uint64_t size, enum range_result result,
    const struct range *ranges, unsigned n)
{
	struct wish wish = { 0 };
	char *copy = strndup(text.ptr, text.len);
	bool good = range_read(&wish, copy, size);

	free(copy);
	/* It may also be ignored because of what it asks for. */
	assert(good || result == RANGE_IGNORE);
	if (good && wish.nranges <= MAX_RANGES && wish.nasked <= size)
		assert(result != RANGE_IGNORE);
	if (result == RANGE_UNSATISFIABLE)
		assert(wish.nranges == 0);
	if (result != RANGE_OK)
		return;
	assert(wish.nasked <= size);
	for (unsigned i = 0; i < n; i++)
		for (uint64_t at = ranges[i].first; at <= ranges[i].last;
		     at++) {
			assert(wish.wanted[at]);
			wish.wanted[at] = false;
		}
	assert(memchr(wish.wanted, true, sizeof(wish.wanted)) == NULL);
}

static void
range_check_multipart(const struct range *ranges, unsigned n, uint64_t size)
{
	const struct multipart multipart = {
		.boundary = SPAN("boundary"),
		.type = SPAN("text/plain"),
		.total = size,
	};
	union {
		struct buf buf;
		char space[sizeof(struct buf) + (MAX_RANGES + 2) * 512];
	} out = { .buf = { .cap = (MAX_RANGES + 2) * 512 } };
	uint64_t len = 0;

	for (unsigned at = 0; at <= n; at++)
		assert(
		    multipart_write(&out.buf, &multipart, ranges, n, at) == 0);
	for (unsigned i = 0; i < n; i++)
		len += ranges[i].last - ranges[i].first + 1;
	assert(multipart_length(&multipart, ranges, n) == len + out.buf.len);
}

static void
range_check_apart(const struct range *ranges, unsigned n, uint64_t size)
{
	assert(n >= 1 && n <= MAX_RANGES);
	for (unsigned i = 0; i < n; i++) {
		assert(ranges[i].first <= ranges[i].last);
		assert(ranges[i].last < size);
		for (unsigned j = 0; j < i; j++)
			assert(ranges[i].last + 1 < ranges[j].first ||
			       ranges[j].last + 1 < ranges[i].first);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct span text = { (const char *)data + 1, len - 1 };
	struct range ranges[MAX_RANGES];
	enum range_result result;
	unsigned n = 0;
	uint64_t size;

	if (len == 0)
		return 0;
	size = data[0] < SMALL ? data[0] : UINT64_MAX - data[0];
	result = range_parse(text, size, ranges, MAX_RANGES, &n);
	/* No field has a NUL in its value. */
	if (size < SMALL && memchr(text.ptr, '\0', text.len) == NULL)
		range_check_bytes(text, size, result, ranges, n);
	if (result != RANGE_OK)
		return 0;
	range_check_apart(ranges, n, size);
	range_check_multipart(ranges, n, size);
	return 0;
}
