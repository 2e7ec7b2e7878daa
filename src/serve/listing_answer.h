/* SPDX-License-Identifier: BSD-2-Clause */
/* The answer that lists a folder: in which form and order, and its fields. */
#ifndef SERVE_LISTING_ANSWER_H
#define SERVE_LISTING_ANSWER_H

#include "serve/listing.h"
#include "serve/reply.h"

/* What a request asks of a listing. */
struct listing_wish {
	enum listing_format format;
	bool negotiated; /* by Accept, since the query does not say */
	struct listing_order order;
};

/*
 * Reads a wish from the query (format, sort, order) and from Accept.  What is
 * unknown means nothing: a query may be for somebody else.
 */
struct listing_wish listing_answer_wish(const struct request *request);

/*
 * Makes *reply the list of the folder at path, decoded and with a slash and a
 * NUL behind it, or what comes in its place: 304, 404, 412, 503 ...
 */
void listing_answer_make(struct listings *listings, struct errands *errands,
    const struct site *site, const struct mime_map *mime,
    const struct request *request, const struct address *client,
    struct auth_pass pass, struct span path, struct reply *reply);

#endif
