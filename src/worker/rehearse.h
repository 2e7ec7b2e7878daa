/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A request and its answer without a socket, for `tined explain`.
 *
 * The functions are those that a connection calls, and they are called where
 * a call costs a worker nothing: what only they call stays a part of them when
 * the program is optimized as a whole.
 */
#ifndef WORKER_REHEARSE_H
#define WORKER_REHEARSE_H

#include "core/clock.h"
#include "serve/maintenance.h"
#include "serve/serve.h"

struct engine;
struct exchange;

struct rehearsal {
	struct engine *engine; /* these three are ours alone */
	struct exchange *exchange;
	struct maintenance maintenance;
	struct serve *serve;           /* without a cache */
	const struct clock *clock;     /* when it was answered */
	const struct request *request; /* with its verdict */
	const struct address *client;  /* whose it is */
	const struct reply *reply;     /* NULL: closed without an answer */
	struct span head;              /* of the answer */
};

/*
 * Answers a request of from, of which bytes is all, with a configuration and
 * its open roots; these must stay.  What the answer consists of is lent until
 * rehearse_close().  Returns 0, or -1 with errno ENOMEM and nothing to close.
 */
int rehearse_open(struct rehearsal *rehearsal, const struct conf *conf,
    const int *root_fds, const struct address *from, struct span bytes);

/* Gives back all that the rehearsal holds. */
void rehearse_close(struct rehearsal *rehearsal);

#endif
