/* SPDX-License-Identifier: BSD-2-Clause */
/* Preconditions, in the order of RFC 9110 13.2.2. */
#ifndef HTTP_COND_H
#define HTTP_COND_H

#include "http/request.h"

/* What is known of the representation that would be sent. */
struct validators {
	struct span etag;      /* strong, with its quotes; zero: none */
	int64_t last_modified; /* seconds; used only when has_last_modified */
	bool has_last_modified;
};

enum cond_result {
	COND_PROCEED,      /* perform the method */
	COND_NOT_MODIFIED, /* 304, for GET and HEAD */
	COND_FAILED,       /* 412 */
};

/* As cond_evaluate(), of a request that has one of the fields. */
enum cond_result cond_evaluate_fields(const struct request *request,
    const struct validators *validators, int64_t now);

/* Evaluates If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since. */
static inline enum cond_result
cond_evaluate(const struct request *request,
    const struct validators *validators, int64_t now)
{
	const struct span *value = request->value;

	/* Most requests have none of them. */
	if (value[FIELD_IF_MATCH].ptr == NULL &&
	    value[FIELD_IF_UNMODIFIED_SINCE].ptr == NULL &&
	    value[FIELD_IF_NONE_MATCH].ptr == NULL &&
	    value[FIELD_IF_MODIFIED_SINCE].ptr == NULL)
		return COND_PROCEED;
	return cond_evaluate_fields(request, validators, now);
}

/*
 * True when a Range field applies: no If-Range, or one that matches strongly
 * (RFC 9110 13.1.5).  A date matches only if it is exactly last_modified and
 * that is at least one second before now.
 */
bool cond_range_applies(const struct request *request,
    const struct validators *validators, int64_t now);

#endif
