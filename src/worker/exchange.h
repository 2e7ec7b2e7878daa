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
#include "http/proxy.h"
#include "os/socket.h"
#include "worker/engine.h"
#include "worker/pace.h"
#include "worker/uptake.h"

/* How many buffers an exchange holds. */
#define EXCHANGE_BUFS 2

struct exchange {
	struct buf *in;
	struct buf *out;
	size_t start;        /* in in: of the request at hand */
	size_t next;         /* in in: of what follows the request at hand */
	bool fresh;          /* request is of an earlier one, or of none */
	bool may_read;       /* the socket may hold bytes: try before waiting */
	bool keep;           /* the connection outlives the answer at hand */
	bool linger;         /* when it does not: bytes may come nobody reads */
	bool answering;      /* an answer is written that is not finished */
	bool admin;          /* of a connection of [admin] */
	bool quiet;          /* the answer at hand is not counted, not logged */
	bool skipped;        /* the access log is to have no line of it */
	bool guarded;        /* the next four say something */
	bool waits;          /* for a verdict on a password: see waiting */
	unsigned nverified;  /* passwords of the request at hand */
	unsigned nrecvs;     /* reads in this wake-up */
	unsigned nslices;    /* of a listing, in this wake-up */
	unsigned nwritten;   /* ranges whose text is written, and the end's */
	uint64_t done;       /* bytes handed over, of the range at hand */
	uint64_t body_bytes; /* of the whole body */
	int64_t began_us;    /* the first byte of the request was there */
	int64_t first_us;    /* bytes of its answer were sent first; 0: none */
	int64_t sent_us;     /* and last */
	struct pace pace;    /* of the answer at hand */
	struct uptake uptake;         /* of all answers in a row */
	const struct address *peer;   /* of the connection, which has it */
	const struct address *sender; /* for whom it speaks; likewise */
	const struct address *client; /* of the request at hand */
	struct address forwarded;     /* the same, when a field said it */
	struct counters *counters;    /* for what happens on the connection */
	char *page;                   /* lent by admin, for reply; NULL: none */
	uint64_t head_bytes;          /* of the answer */
	struct span request_id;       /* zero: none */
	char own_id[REQUESTID_LEN];
	struct conn *conn;         /* that it is of; borrowed */
	struct errand_asker asker; /* what it waits for of disks */
	int64_t asked_ms;          /* since when */
	LIST_ENTRY(exchange) waiting;
	struct auth_ruling ruling; /* on the password at hand */
	struct quota_ruling quota; /* on how soon the request came */
	struct span subject;       /* who asks; zero: not known */
	char subject_text[CONF_SUBJECT_BYTES];
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

/*
 * Borrows an exchange and its buffers, for a connection of [admin] or another,
 * whose addresses the caller keeps.  NULL with errno ENOMEM.
 */
struct exchange *exchange_get(struct engine *engine, const struct address *peer,
    const struct address *sender, bool admin);

/* Gives back *exchangep and all that it holds; sets it to NULL. */
void exchange_put(struct engine *engine, struct exchange **exchangep);

/* Makes room if there is none, and reads once. */
enum exchange_io exchange_recv(struct exchange *exchange, int fd);

/* Takes a header off what has come, as proxy_parse() says. */
enum proxy_result exchange_take_proxy(
    struct exchange *exchange, struct proxy *proxy);

/* Parses what has come of the request at hand, as request_feed() says. */
enum request_result exchange_parse(
    struct engine *engine, struct exchange *exchange);

/* True while no byte of another request has come. */
bool exchange_is_idle(const struct exchange *exchange);

/* After a parse that is DONE: makes ready to pass over the request's body. */
void exchange_begin_body(struct engine *engine, struct exchange *exchange);

/* Passes over what has come of the body, as body_feed() says. */
enum body_result exchange_skip_body(struct exchange *exchange);

/* True when bytes of a further request are there. */
bool exchange_has_more(const struct exchange *exchange);

/* Gives back the reply; nothing is to be sent then. */
void exchange_release(struct engine *engine, struct exchange *exchange);

/* What the connection adds to what is logged of an answer. */
struct exchange_end {
	int fd;
	uint32_t nrequests; /* so far, with the one at hand */
	bool aborted;       /* the answer was not sent whole */
};

/*
 * Logs and counts the answer at hand, if there is one, and turns to the next
 * request.
 */
void exchange_finish(struct engine *engine, struct exchange *exchange,
    const struct exchange_end *end);

#endif
