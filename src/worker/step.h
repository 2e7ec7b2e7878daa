/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The states of a connection, one function each.
 *
 * A step does what its state can do now, and says what is next: another state,
 * or a wait.  It neither waits itself nor knows events and deadlines.
 */
#ifndef WORKER_STEP_H
#define WORKER_STEP_H

#include "worker/conn.h"

enum step_next {
	STEP_GO_ON, /* another step is due at once */
	STEP_WAIT_READ,
	STEP_WAIT_WRITE,
	STEP_WAIT, /* for what is not the socket */
};

/* Takes one step in the connection's state, which is not CLOSED. */
enum step_next step_take(struct conn *conn);

/* Makes state the connection's own, with a new deadline. */
enum step_next step_enter(struct conn *conn, enum conn_state state);

/* The same, once what is written is sent. */
enum step_next step_flush_then(struct conn *conn, enum conn_state state);

/* A password was not judged in time: it is answered without a verdict. */
void step_give_up_verdict(struct conn *conn);

/* Answers, logs and counts a refusal; some are not worth an answer. */
enum step_next step_refuse(struct conn *conn, enum verdict verdict);

/* Ends a connection that does not begin as its proxy has to. */
enum step_next step_refuse_proxy(struct conn *conn, const char *problem);

#endif
