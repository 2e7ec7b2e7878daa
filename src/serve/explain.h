/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why a request got the answer that it got, step by step, for people.
 *
 * Written afterwards, from what serve_request() left behind and by looking at
 * the files again: serving costs nothing for it.
 */
#ifndef SERVE_EXPLAIN_H
#define SERVE_EXPLAIN_H

#include <stdio.h>

#include "conf/report.h"
#include "serve/serve.h"

/* What is explained, all borrowed; path and path_len belong to explain.c. */
struct explain {
	FILE *out;
	const struct conf *conf;
	struct serve *serve; /* which answered it, without a cache */
	const struct clock *clock;
	const struct address *from;   /* who sent it */
	const struct address *client; /* for whom */
	const struct request *request;
	const struct reply *reply;      /* NULL: closed without an answer */
	struct span head;               /* of the answer */
	char path[RESOURCE_PATH_BYTES]; /* decoded, then that of the file */
	size_t path_len;
};

/* Writes a line: the name of a step, and what it found. */
void explain_say(FILE *out, const char *step, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Writes the steps, an empty line, and the head of the answer but for its Date;
 * behind a field stands, in parentheses, what set it.
 */
void explain_print(struct explain *explain);

/* Where a key was set, or "default"; perhaps written into out. */
const char *explain_origin(const struct explain *explain, const void *section,
    const char *key, char out[REPORT_PLACE]);

#endif
