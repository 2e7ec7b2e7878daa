/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The states of a connection that has an answer: step.h says what a step is.
 */
#ifndef WORKER_SENDING_H
#define WORKER_SENDING_H

#include "worker/step.h"

/* CONN_FLUSH: sends what is written. */
enum step_next sending_flush(struct conn *conn);

/* CONN_FILE: sends the rest of the answer, which is a file or a listing. */
enum step_next sending_file(struct conn *conn);

/* CONN_PACE: goes on as soon as more may be sent. */
enum step_next sending_pace(struct conn *conn);

/* CONN_LINGER: all is said, and the client may go first. */
enum step_next sending_linger(struct conn *conn);

/* Logs and counts the answer at hand: it is sent, or never will be. */
void sending_finish(struct conn *conn, bool aborted);

/*
 * What is written cannot be sent, or not all that its head promised; errno
 * says why.  A reset tells the client, if it is still there.
 */
enum step_next sending_abort(struct conn *conn);

#endif
