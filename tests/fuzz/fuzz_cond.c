/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A request, and preconditions that only their own fields decide: GET and HEAD
 * alike, and no other method.  What matches strongly matches weakly too.
 */
#include "fuzz.h"

#include <assert.h>

#include "http/cond.h"

#define NOW 1767225600 /* 1 Jan 2026 */

static const struct validators ours = { { "\"1-2\"", 5 }, 784111777, true };

/* The result when value is all that a GET has, in one field. */
static enum cond_result
cond_alone(enum field field, struct span value)
{
	struct request request = { .method = METHOD_GET };

	request.value[field] = value;
	return cond_evaluate(&request, &ours, NOW);
}

static void
cond_check_strong(struct span value)
{
	if (value.ptr != NULL &&
	    cond_alone(FIELD_IF_MATCH, value) == COND_PROCEED)
		assert(cond_alone(FIELD_IF_NONE_MATCH, value) ==
		       COND_NOT_MODIFIED);
}

/* If-Range asks for the same as If-Match, or for a date that is ours. */
static void
cond_check_range(struct span value)
{
	struct request request = { .method = METHOD_GET };

	request.value[FIELD_IF_RANGE] = value;
	if (value.ptr == NULL || !cond_range_applies(&request, &ours, NOW))
		return;
	if (cond_alone(FIELD_IF_MATCH, value) == COND_PROCEED)
		return;
	assert(cond_alone(FIELD_IF_MODIFIED_SINCE, value) == COND_NOT_MODIFIED);
	assert(cond_alone(FIELD_IF_UNMODIFIED_SINCE, value) == COND_PROCEED);
}

static void
cond_check_request(struct request *request)
{
	const struct span *value = request->value;
	enum cond_result result;

	request->method = METHOD_OPTIONS;
	assert(cond_evaluate(request, &ours, NOW) == COND_PROCEED);
	request->method = METHOD_HEAD;
	result = cond_evaluate(request, &ours, NOW);
	assert(!cond_range_applies(request, &ours, NOW));
	request->method = METHOD_GET;
	assert(cond_evaluate(request, &ours, NOW) == result);
	if (value[FIELD_IF_MATCH].ptr == NULL &&
	    value[FIELD_IF_UNMODIFIED_SINCE].ptr == NULL)
		assert(result != COND_FAILED);
	if (value[FIELD_IF_NONE_MATCH].ptr == NULL &&
	    value[FIELD_IF_MODIFIED_SINCE].ptr == NULL)
		assert(result != COND_NOT_MODIFIED);
	assert(cond_range_applies(request, &ours, NOW) ||
	       value[FIELD_IF_RANGE].ptr != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct request_limits limits = {
		.head_bytes = 4096,
		.target_bytes = 1024,
		.field_bytes = 4096,
		.nfields = 50,
	};
	struct request request;

	request_init(&request);
	if (request_feed(&request, &limits, (const char *)data, len) !=
	    REQUEST_DONE)
		return 0;
	cond_check_request(&request);
	cond_check_strong(request.value[FIELD_IF_MATCH]);
	cond_check_strong(request.value[FIELD_IF_NONE_MATCH]);
	cond_check_strong(request.value[FIELD_IF_RANGE]);
	cond_check_range(request.value[FIELD_IF_RANGE]);
	return 0;
}
