/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A request gives one result, fed at once, byte by byte, or in two pieces at
 * every place, in memory that moves, or recalled from a memo that remembers the
 * requests before it; and what we let pass http-parser does too.
 */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>

#include "http/memo.h"

static const struct request_limits limits = {
	.head_bytes = 1024,
	.target_bytes = 256,
	.field_bytes = 512,
	.nfields = 20,
};

static void
request_check_same(const struct request *a, const struct request *b)
{
	assert(a->verdict == b->verdict && span_equal(a->line, b->line));
	assert(a->head_len == b->head_len && a->nfields == b->nfields);
	assert(a->method == b->method && a->form == b->form);
	assert(a->minor == b->minor && a->chunked == b->chunked);
	assert(a->content_length == b->content_length);
	assert(a->keep_alive == b->keep_alive);
	assert(a->expect_continue == b->expect_continue);
	assert(span_equal(a->path, b->path) && span_equal(a->host, b->host));
	assert(span_equal(a->query, b->query) && a->nmore == b->nmore);
	for (unsigned i = 0; i < FIELD_COUNT; i++)
		assert(span_equal(a->value[i], b->value[i]));
	for (unsigned i = 0; i < a->nmore; i++)
		assert(a->more[i].field == b->more[i].field &&
		       span_equal(a->more[i].value, b->more[i].value));
}

/* Feeds the first bytes from memory that is gone when the rest is fed. */
static enum request_result
request_feed_split(
    struct request *request, const char *text, size_t split, size_t len)
{
	enum request_result result;
	char *first = malloc(split + 1);

	assert(first != NULL);
	memcpy(first, text, split);
	request_init(request);
	result = request_feed(request, &limits, first, split);
	if (result != REQUEST_MORE) {
		/* Its spans are to be compared: once more where it stays. */
		request_init(request);
		result = request_feed(request, &limits, text, split);
	} else {
		result = request_feed(request, &limits, text, len);
	}
	free(first);
	return result;
}

/*
 * Parses all that follow each other, each of them twice, with a memo that
 * may know their fields from before, and without.
 */
static void
request_check_memo(const char *text, size_t len)
{
	struct request_limits remembering = limits;
	struct request request, plain;
	enum request_result want;
	struct memo memo;

	assert(memo_init(&memo, 2) == 0);
	remembering.memo = &memo;
	do {
		request_init(&plain);
		want = request_feed(&plain, &limits, text, len);
		for (int i = 0; i < 2; i++) {
			request_init(&request);
			assert(request_feed(
				   &request, &remembering, text, len) == want);
			request_check_same(&request, &plain);
		}
		text += plain.head_len;
		len -= plain.head_len;
	} while (want == REQUEST_DONE);
	memo_fini(&memo);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data;
	struct request whole, other;
	enum request_result want, result = REQUEST_MORE;

	request_init(&whole);
	want = request_feed(&whole, &limits, text, len);
	assert(want != REQUEST_REFUSED || whole.verdict != VERDICT_PARSER);
	assert(want != REQUEST_DONE || whole.head_len <= limits.head_bytes);
	request_check_memo(text, len);
	request_init(&other);
	for (size_t n = 1; n <= len && result == REQUEST_MORE; n++)
		result = request_feed(&other, &limits, text, n);
	assert(result == want);
	request_check_same(&other, &whole);
	for (size_t split = 0; split < len; split++) {
		assert(request_feed_split(&other, text, split, len) == want);
		request_check_same(&other, &whole);
	}
	return 0;
}
