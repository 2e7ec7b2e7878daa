/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The answer to the request at hand: from a decision to bytes on the socket.
 *
 * What is small is gathered in the exchange's out buffer, so that the answers
 * to pipelined requests leave in one send; what is large follows by sendfile.
 */
#ifndef WORKER_ANSWER_H
#define WORKER_ANSWER_H

#include "worker/exchange.h"

/* What became of an answer. */
enum answer_result {
	ANSWER_WRITTEN,
	/* Send what out holds, and call again: it has no room, or those whose
	 * answers are in it need not wait for a verdict. */
	ANSWER_FLUSH,
	/* For a verdict, serve has the question: call again with its answer in
	 * ruling; or for a disk, see serve/errand.h. */
	ANSWER_WAITS,
};

/*
 * Decides the answer and writes it into out: the head, and the body when it
 * fits.  A request whose verdict is not OK gets its refusal.  keep is for
 * Connection.
 */
enum answer_result answer_write(
    struct engine *engine, struct exchange *exchange, bool keep);

/* Bytes of the answer's file, or its range at hand, still to be sent. */
uint64_t answer_left(const struct exchange *exchange);

/* The most that answer_send_file() would send of it. */
size_t answer_slice(const struct exchange *exchange);

/* True when the body comes from a file that is open. */
bool answer_is_in_file(const struct exchange *exchange);

/* Accounts for len bytes that came from there to out, or to the client. */
void answer_hand_over(struct exchange *exchange, size_t len);

/* True when all of the answer's body is handed over, or in out. */
bool answer_is_done(const struct exchange *exchange);

/*
 * Writes into out what comes next of the body, as far as it fits; of a listing
 * as much as one listing_write() gives.
 */
void answer_fill(struct engine *engine, struct exchange *exchange);

/* Sends what out holds, and with it what is in memory of the body. */
enum exchange_io answer_flush(struct exchange *exchange, int fd);

/*
 * Sends a slice of the file.  DONE when something was sent; CLOSED with errno
 * ENODATA when the file has become shorter than the answer's head says.
 */
enum exchange_io answer_send_file(struct exchange *exchange, int fd);

#endif
