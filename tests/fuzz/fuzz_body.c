/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A body ends at one place, or is refused for one reason, however it is cut.
 * First byte: its Content-Length, or 255 for a chunked one.
 */
#include "fuzz.h"

#include <assert.h>

#include "http/body.h"

#define MAX 1000

/* Feeds pieces of step bytes, the first of first bytes; returns those used. */
static size_t
body_feed_pieces(struct body *body, const struct request *request,
    struct span in, size_t first, size_t step, enum body_result *result)
{
	size_t used, total = 0, n = first;

	body_init(body, request, MAX);
	do {
		*result = body_feed(body, in.ptr + total, n, &used);
		assert(used <= n);
		total += used;
		n = in.len - total < step ? in.len - total : step;
	} while (*result == BODY_MORE && n > 0);
	return total;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct span in = { (const char *)data + 1, len - 1 };
	struct request request = { 0 };
	struct body whole, body;
	enum body_result want, result;
	size_t used;

	if (len == 0)
		return 0;
	request.chunked = data[0] == 255;
	request.content_length = request.chunked ? 0 : data[0];
	used = body_feed_pieces(&whole, &request, in, in.len, in.len, &want);
	assert(want != BODY_DONE || (used <= MAX && whole.total == used));
	assert(want != BODY_MORE || used == in.len);
	assert(want != BODY_REFUSED || whole.verdict != VERDICT_OK);
	for (size_t split = 0; split <= in.len; split++) {
		assert(body_feed_pieces(&body, &request, in, split, in.len,
			   &result) == used);
		assert(result == want && body.verdict == whole.verdict);
	}
	assert(body_feed_pieces(&body, &request, in, 0, 1, &result) == used);
	assert(result == want && body.verdict == whole.verdict);
	return 0;
}
