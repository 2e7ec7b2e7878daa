/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The answer to who cannot be let in: 503 with Retry-After, whatever is asked.
 * It was made at start, since it is sent when nothing else can be had.
 */
#ifndef WORKER_TURNAWAY_H
#define WORKER_TURNAWAY_H

#include <stddef.h>

struct engine;

struct turnaway {
	char *answer;
	size_t len;
};

/* Makes the answer.  0, or -1 with errno ENOMEM. */
int turnaway_init(struct engine *engine);

/* Sends it to fd, whose client was sent nothing so far; it is not closed. */
void turnaway_send(struct engine *engine, int fd);

/* The same when fd is closed next: reads what is there before. */
void turnaway_send_last(struct engine *engine, int fd);

void turnaway_fini(struct turnaway *turnaway);

#endif
