/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is asked on the sockets of [admin]: how the server is.
 *
 * A page is written when it is asked for, into one of a few buffers that were
 * taken at start, so a scrape asks nothing of the heap, and one that reads
 * slowly holds a buffer and nobody up.
 *
 * What the request walk calls is cold: it must not grow into the walk.
 */
#ifndef WORKER_ADMIN_H
#define WORKER_ADMIN_H

#include "os/socket.h"
#include "serve/serve.h"
#include "status/board.h"

/* Pages under way at a time; who comes when all are gets 503. */
#define ADMIN_PAGES 4

struct admin {
	const struct board *board; /* borrowed */
	char *pages;               /* NULL: there is no [admin] */
	bool lent[ADMIN_PAGES];
	bool stopping; /* with the whole server */
};

/* Takes the buffers if wanted.  0, or -1 with errno ENOMEM. */
int admin_init(struct admin *admin, const struct board *board, bool wanted);

/* The server stops: it is not ready any more. */
void admin_stop(struct admin *admin);

/*
 * Decides the answer to a whole request.  Where *page is set, the reply lies in
 * it until admin_release().
 */
void admin_answer(struct admin *admin, const struct request *request,
    const struct address *peer, const struct clock *clock, struct reply *reply,
    char **page) __attribute__((cold));

/* True for /healthz and /readyz, which server.health answers on every site. */
bool admin_is_probe(const struct request *request) __attribute__((cold));

/* Decides the answer to one of these. */
void admin_answer_probe(const struct admin *admin,
    const struct request *request, struct reply *reply) __attribute__((cold));

/* Takes *page back and sets it to NULL. */
void admin_release(struct admin *admin, char **page) __attribute__((cold));

/* Every page must be back by now. */
void admin_fini(struct admin *admin);

#endif
