/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A request, and preconditions that only their own fields decide: GET and HEAD
 * alike, and no other method.
 */
#include "fuzz.h"

#include <assert.h>

#include "http/cond.h"

#define NOW 1767225600 /* 1 Jan 2026 */

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct request_limits limits = { 4096, 1024, 4096, 50,
		NULL };
	static const struct validators ours = { { "\"1-2\"", 5 }, 784111777,
		true };
	struct request request;
	const struct span *value = request.value;
	enum cond_result result;

	request_init(&request);
	if (request_feed(&request, &limits, (const char *)data, len) !=
	    REQUEST_DONE)
		return 0;
	request.method = METHOD_OPTIONS;
	assert(cond_evaluate(&request, &ours, NOW) == COND_PROCEED);
	request.method = METHOD_HEAD;
	result = cond_evaluate(&request, &ours, NOW);
	assert(!cond_range_applies(&request, &ours, NOW));
	request.method = METHOD_GET;
	assert(cond_evaluate(&request, &ours, NOW) == result);
	if (value[FIELD_IF_MATCH].ptr == NULL &&
	    value[FIELD_IF_UNMODIFIED_SINCE].ptr == NULL)
		assert(result != COND_FAILED);
	if (value[FIELD_IF_NONE_MATCH].ptr == NULL &&
	    value[FIELD_IF_MODIFIED_SINCE].ptr == NULL)
		assert(result != COND_NOT_MODIFIED);
	assert(cond_range_applies(&request, &ours, NOW) ||
	       value[FIELD_IF_RANGE].ptr != NULL);
	return 0;
}
