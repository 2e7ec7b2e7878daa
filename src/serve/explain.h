/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why a request gets the answer that it gets, step by step, for people.
 *
 * Each step asks the function that decides it, and the answer itself comes
 * from serve_request(): so serving costs nothing for it.
 */
#ifndef SERVE_EXPLAIN_H
#define SERVE_EXPLAIN_H

#include <stdio.h>

#include "conf/report.h"
#include "serve/serve.h"

/* A request on its way through the steps. */
struct explain {
	FILE *out;
	struct serve *serve; /* without a cache */
	const struct conf *conf;
	const struct clock *clock;
	struct request request;
	const struct site *site;
	char path[RESOURCE_PATH_BYTES]; /* decoded, then that of the file */
	size_t path_len;
};

/* Writes a line: the name of a step, and what it found. */
void explain_say(FILE *out, const char *step, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Explains a request: head is all of its bytes up to the empty line.  Writes
 * the steps, an empty line, and the head of the answer but for its Date.
 * Returns the status of the answer, 0 when the connection would be closed
 * without one, or -1 with errno ENOMEM.
 */
int explain_request(struct explain *explain, struct span head);

/* Where a key was set, or "default"; perhaps written into out. */
const char *explain_origin(const struct explain *explain, const void *section,
    const char *key, char out[REPORT_PLACE]);

#endif
