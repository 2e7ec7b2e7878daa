/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/cors.h"

/*
 * True when a browser asks whether it may send a request (a CORS-preflight
 * request), which is answered whoever the user is.
 */
static bool
cors_is_preflight(const struct request *request)
{
	return request->method == METHOD_OPTIONS &&
	       request->value[FIELD_ORIGIN].ptr != NULL &&
	       request_find_value(
		   request, SPAN("Access-Control-Request-Method"))
		       .len > 0;
}

/* The item that is the origin, byte for byte (CORS check, Fetch), or zero. */
static struct span
cors_find(const struct conf_cors *cors, struct span origin)
{
	for (unsigned i = 0; i < cors->origins->nitems; i++) {
		struct span item = span_of(cors->origins->items[i]);

		if (span_equal(item, origin))
			return item;
	}
	return (struct span){ 0 };
}

/* What is allowed by name; zero when the request's origin is not. */
static struct span
cors_pick(const struct conf_cors *cors, const struct request *request)
{
	return cors->any ? SPAN("*")
			 : cors_find(cors, request->value[FIELD_ORIGIN]);
}

bool
cors_allows(const struct conf_cors *cors, const struct request *request)
{
	return cors_pick(cors, request).ptr != NULL;
}

static char *
cors_put(char *out, struct span span)
{
	memcpy(out, span.ptr, span.len);
	return out + span.len;
}

size_t
cors_write(
    const struct conf_cors *cors, const struct request *request, char *out)
{
	struct span origin = cors_pick(cors, request);
	char *end = cors_put(out, cors->shared);

	if (origin.ptr != NULL) {
		end = cors_put(end, SPAN(CONF_CORS_ORIGIN));
		end = cors_put(end, origin);
		end = cors_put(end, cors_is_preflight(request) ? cors->preflight
							       : cors->allowed);
	}
	return (size_t)(end - out);
}
