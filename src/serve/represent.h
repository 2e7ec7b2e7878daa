/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a file to an answer: preconditions, then ranges (RFC 9110 13, 14).
 */
#ifndef SERVE_REPRESENT_H
#define SERVE_REPRESENT_H

#include "http/request.h"
#include "serve/reply.h"

/* What parts of a multipart answer are told apart by; drawn once. */
struct represent {
	char boundary[MULTIPART_BOUNDARY_LEN];
	char multipart_type[64]; /* Content-Type with boundary */
};

void represent_init(struct represent *represent);

/*
 * Makes *reply the answer to a request for file, of which it takes a
 * reference: all of it, a part, or a 304, 412 or 416.  now is in seconds.
 */
void represent_file(const struct represent *represent,
    const struct request *request, struct file *file, int64_t now,
    struct reply *reply);

/*
 * Puts all of file, of which it takes a reference, in the place of the page of
 * a reply; its status and its other fields stay.
 */
void represent_error_page(struct file *file, struct reply *reply);

/* What stands between the ranges of a reply that has several. */
struct multipart represent_multipart(
    const struct represent *represent, const struct reply *reply);

#endif
