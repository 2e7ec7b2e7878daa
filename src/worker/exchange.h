/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The requests in flight on one connection, and the answers not yet sent.
 *
 * A connection borrows one when bytes arrive and gives it back when it is idle
 * again.  Knows buffers and bytes, but no events and no deadlines: step.c has
 * the states, and conn.c does the waiting.
 *
 *   in:  [ answered | head at hand | its body so far | pipelined | room ]
 *                    ^start         ^body_start       ^next       ^len
 */
#ifndef WORKER_EXCHANGE_H
#define WORKER_EXCHANGE_H

#include "http/body.h"
#include "os/socket.h"
#include "worker/engine.h"

struct exchange {
	struct buf *in;
	struct buf *out;
	size_t start;        /* in in: of the request at hand */
	size_t next;         /* in in: of what follows the request at hand */
	bool fresh;          /* request is of an earlier one, or of none */
	bool may_read;       /* the socket may hold bytes: try before waiting */
	bool keep;           /* the connection outlives the answer at hand */
	bool linger;         /* when it does not: bytes may come nobody reads */
	unsigned nrecvs;     /* reads in this wake-up */
	unsigned nwritten;   /* ranges whose text is written, and the end's */
	uint64_t done;       /* bytes handed over, of the range at hand */
	uint64_t body_bytes; /* of the whole body */
	struct request request;
	struct body body;
	struct reply reply;
};

/* What one try to read or write came to. */
enum exchange_io {
	EXCHANGE_DONE,   /* bytes moved; when sending: all of them */
	EXCHANGE_WAIT,   /* the socket is empty, or full */
	EXCHANGE_CLOSED, /* the client closed its side, or reset */
};

/* Borrows an exchange and its buffers.  NULL with errno ENOMEM. */
struct exchange *exchange_get(struct engine *engine);

/* Gives back *exchangep and all that it holds; sets it to NULL. */
void exchange_put(struct engine *engine, struct exchange **exchangep);

/* Makes room if there is none, and reads once. */
enum exchange_io exchange_recv(struct exchange *exchange, int fd);

/* Parses what has come of the request at hand, as request_feed() says. */
enum request_result exchange_parse(
    struct engine *engine, struct exchange *exchange);

/* True while no byte of another request has come. */
bool exchange_is_idle(const struct exchange *exchange);

/* After a parse that is DONE: makes ready to pass over the request's body. */
void exchange_begin_body(struct engine *engine, struct exchange *exchange);

/* Passes over what has come of the body, as body_feed() says. */
enum body_result exchange_skip_body(struct exchange *exchange);

/*
 * Decides the answer and writes it into out: the head, and the body when it
 * fits.  A request whose verdict is not OK gets its refusal.  keep is for
 * Connection.  False when out has no room: send what it holds, call again.
 */
bool exchange_answer(
    struct engine *engine, struct exchange *exchange, bool keep);

/* Bytes of the answer's file, or its range at hand, still to be sent. */
uint64_t exchange_left(const struct exchange *exchange);

/* True when all of the answer's body is handed over, or in out. */
bool exchange_is_done(const struct exchange *exchange);

/* Writes into out what comes next of the body, as far as it fits. */
void exchange_fill(struct engine *engine, struct exchange *exchange);

/* Sends what out holds, and with it what is in memory of the body. */
enum exchange_io exchange_flush(
    struct engine *engine, struct exchange *exchange, int fd);

/*
 * Sends a slice of the file.  DONE when something was sent; CLOSED with errno
 * ENODATA when the file has become shorter than the answer's head says.
 */
enum exchange_io exchange_send_file(
    struct engine *engine, struct exchange *exchange, int fd);

/* Logs and counts the answer at hand and turns to the next request. */
void exchange_finish(struct engine *engine, struct exchange *exchange,
    const struct sock_peer *peer);

#endif
