/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Passwords on their way to the verifier and back, see worker/verifier.h.
 *
 * A table of entries, each a password that was asked about; the exchanges that
 * wait for the same one share an entry.  A full table is the end of the queue:
 * who comes then is told to come again.
 */
#ifndef WORKER_VERIFY_H
#define WORKER_VERIFY_H

#include <event2/event_struct.h>
#include <sys/queue.h>

#include "serve/auth.h"

/* Questions of a worker that are not answered. */
#define VERIFY_ENTRIES 32

struct engine;
struct exchange;

LIST_HEAD(verify_waiters, exchange);

struct verify_entry {
	bool used;
	bool answered; /* just now: nobody may join */
	uint32_t serial;
	unsigned char tag[AUTHCACHE_TAG_BYTES];
	struct verify_waiters waiters; /* perhaps none is left */
};

struct verify {
	int fd; /* to the verifier; -1: there is none */
	struct event event;
	uint32_t serial;
	struct verify_entry entries[VERIFY_ENTRIES];
};

/* There is no verifier yet. */
void verify_init(struct engine *engine);

/* Takes the socket of a verifier, which takes the place of another. */
void verify_use(struct engine *engine, int fd);

/*
 * Asks the question that serve has, for an exchange; it leaves the queue when
 * it is put.  False, and its outcome AUTH_BUSY, when nobody can answer, the
 * queue is full, or the request had its share of questions.
 */
bool verify_ask(struct engine *engine, struct exchange *exchange);

/* The exchange does not wait any more. */
void verify_forget(struct exchange *exchange);

/* Nobody may wait any more. */
void verify_fini(struct engine *engine);

#endif
