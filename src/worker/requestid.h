/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names for requests: 32 hexadecimal digits, a random number of the worker and
 * a count behind it.
 */
#ifndef WORKER_REQUESTID_H
#define WORKER_REQUESTID_H

#include "core/span.h"

#define REQUESTID_LEN 32

struct requestid {
	char last[REQUESTID_LEN];
};

/* Draws the random number. */
void requestid_init(struct requestid *requestid);

/* Writes the next one, without a NUL.  No two are the same. */
void requestid_draw(struct requestid *requestid, char out[REQUESTID_LEN]);

/*
 * True when a client's own name is fit to be sent and logged: 1 to 64 letters,
 * digits, dots, dashes and underscores.
 */
bool requestid_is_fit(struct span name);

#endif
