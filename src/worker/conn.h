/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One connection, from accept to close: a state machine round an exchange.
 *
 *   IDLE -> (PROXY ->) HEAD -> (BODY ->) ANSWER -> FLUSH -> FILE -> HEAD ...
 *                                         |  ^       |  ^     |
 *                                         VERIFY      PACE    '-> LINGER
 *
 * PACE also stands between FILE and FILE, and ANSWER and FILE may have to wait
 * in DISK, and go on after that.  HEAD becomes IDLE when nothing has come,
 * LINGER ends in CLOSED.
 *
 * An idle connection holds no exchange and no buffer.  The only hub of the
 * request walk, and the only place that knows states, events and deadlines.
 */
#ifndef WORKER_CONN_H
#define WORKER_CONN_H

#include "worker/engine.h"

enum conn_state {
	CONN_IDLE,   /* between requests: no byte of the next one */
	CONN_PROXY,  /* in a header of the PROXY protocol, before all else */
	CONN_HEAD,   /* in a head, or finding out whether there is one */
	CONN_BODY,   /* passing over a request body */
	CONN_ANSWER, /* a request is whole: decide and write */
	CONN_VERIFY, /* a password is judged elsewhere: then decide again */
	CONN_DISK,   /* a thread opens or reads: then ANSWER or FILE again */
	CONN_FLUSH,  /* sending what is written */
	CONN_FILE,   /* sending a file, if there is one; then it is answered */
	CONN_PACE,   /* has sent as much as may go by now; FLUSH or FILE next */
	CONN_LINGER, /* said all: let the client read it and close */
	CONN_CLOSED, /* to be freed */
};

struct exchange;

struct conn {
	struct event event;
	struct deadline deadline;
	struct engine *engine;
	struct exchange *exchange; /* NULL when IDLE */
	int fd;
	short armed;   /* EV_READ, EV_WRITE, or 0: not registered yet */
	bool new_wait; /* the next wait begins a new deadline */
	bool admin;    /* came in by a socket of [admin] */
	bool proxy;    /* a header of the PROXY protocol is to come */
	enum conn_state state;
	enum conn_state after_flush; /* where FLUSH leads */
	struct address peer;
	struct address client; /* for whom it speaks, as far as it says */
	int64_t old_ms;        /* when it is too old to be kept, monotonic */
	uint32_t tally_slot;   /* as tally_add() gave it; 0: not counted */
	uint32_t nrequests;
	uint32_t nlingered; /* bytes thrown away in LINGER */
};

struct listener;

/*
 * Takes fd, which came in by listener, and serves it at once: most clients have
 * sent their request by now.  Closes fd when there is no memory, or who is not
 * trusted came where a proxy is required.
 */
void conn_open(
    const struct listener *listener, int fd, const struct address *peer);

/* A verdict that the connection waited for is there. */
void conn_resume(struct conn *conn);

/*
 * The same for what a disk gave.  Of the socket nothing new is known: to read
 * from it now could bring a request that is newer than events of its folder.
 */
void conn_go_on(struct conn *conn);

/* A deadline of the engine's has passed: for deadlines_init(). */
void conn_on_expired(void *engine, struct deadline *deadline);

/* The connection that has it. */
struct conn *conn_of_deadline(struct deadline *deadline);

/*
 * True when the client, which is sent something, has taken enough of it since
 * that was looked at last (limits.send_rate).
 */
bool conn_takes_enough(const struct conn *conn);

/* Closes it at once, whatever its state, and frees it. */
void conn_close(struct conn *conn);

/* Closes every connection that is idle; of all, the ones in flight too. */
void conn_close_idle(struct engine *engine);
void conn_close_all(struct engine *engine);

#endif
