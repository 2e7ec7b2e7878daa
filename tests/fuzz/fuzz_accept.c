/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The coding that wins is there, and wins against each of the others alone; a
 * list means the same on one line and on two.
 */
#include "fuzz.h"

#include <assert.h>

#include "http/accept.h"

static const enum coding order[CODING_COUNT] = { CODING_BR, CODING_ZSTD,
	CODING_GZIP, CODING_IDENTITY };

static void
accept_check_pick(const struct request *request, unsigned available)
{
	enum coding best = accept_pick(request, available, order);

	assert(best == CODING_IDENTITY || (available & 1u << best));
	for (unsigned i = 0; i < CODING_COUNT; i++)
		assert(
		    (available & 1u << i) == 0 ||
		    accept_pick(request, 1u << i | 1u << best, order) == best);
}

/* The same list with a line break for its first comma. */
static void
accept_split_list(struct request *request, struct span text)
{
	const char *comma = memchr(text.ptr, ',', text.len);
	size_t len = (size_t)(comma - text.ptr);

	request->value[FIELD_ACCEPT_ENCODING].len = len;
	request->more[0].field = FIELD_ACCEPT_ENCODING;
	request->more[0].value = (struct span){ comma + 1, text.len - len - 1 };
	request->nmore = 1;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct span text = { (const char *)data, len };
	struct request request = { 0 }, split;
	/* A comma in a quoted string is none. */
	bool is_list =
	    memchr(data, ',', len) != NULL && memchr(data, '"', len) == NULL;

	request.value[FIELD_ACCEPT_ENCODING] = text;
	split = request;
	if (is_list)
		accept_split_list(&split, text);
	for (unsigned available = 0; available < 1u << CODING_COUNT;
	     available++) {
		accept_check_pick(&request, available);
		assert(accept_pick(&split, available, order) ==
		       accept_pick(&request, available, order));
	}
	return 0;
}
