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

/* Evaluates If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since. */
enum cond_result cond_evaluate(const struct request *request,
    const struct validators *validators, int64_t now);

/*
 * True when a Range field applies: no If-Range, or one that matches strongly
 * (RFC 9110 13.1.5).  A date matches only if it is exactly last_modified and
 * that is at least one second before now.
 */
bool cond_range_applies(const struct request *request,
    const struct validators *validators, int64_t now);

#endif
