/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The process that compares passwords with their hashes.
 *
 * One has 10 to 300 ms of work, and holds the hashes, which workers do not
 * have.  Each worker has a socket to it (SOCK_SEQPACKET) and sends a question
 * a message; the answers come back in turn, one worker after the other.
 */
#ifndef WORKER_VERIFIER_H
#define WORKER_VERIFIER_H

#include "conf/conf.h"
#include "serve/auth.h"

struct verifier_question {
	uint32_t entry; /* the worker's own number of it */
	uint32_t serial;
	struct auth_question auth;
};

struct verifier_answer {
	uint32_t entry;
	uint32_t serial;
	bool good;
};

/* What the master says: here is the socket of one more worker. */
#define VERIFIER_CLIENT 'C'

/*
 * Answers until nobody is left who could ask: the master, on whose control_fd
 * come workers' sockets (VERIFIER_CLIENT) and new logs (WORKER_REOPEN), and all
 * workers have hung up.  client_fd is that of a first worker; either may be -1.
 * The caller has blocked the signals that stop a server.  Returns the exit
 * status for the process.
 */
int verifier_run(const struct conf *conf, int control_fd, int client_fd);

/*
 * True when the password is that of the user.  Takes as long for a user whom
 * nobody knows.
 */
bool verifier_judge(
    const struct conf *conf, const struct auth_question *question);

#endif
