/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many connections a client may have, and all clients together, over all
 * workers: limits.client_connections and limits.total_connections.
 *
 * Each worker counts its own where all can see it (status/tally.h), and decides
 * for itself who comes in.  Where another worker has an idle connection that
 * should make room, the master passes the wish on.
 */
#ifndef WORKER_CROWD_H
#define WORKER_CROWD_H

#include <stdbool.h>

#include "core/address.h"
#include "http/verdict.h"

struct conf;
struct conn;
struct engine;
struct tally;

struct crowd {
	bool on;           /* some limit is there */
	struct tally *own; /* of this worker; NULL: not on */
};

/* Makes ready to count, if there is a limit. */
void crowd_init(struct engine *engine);

/*
 * True for whom no limit of a client counts: who is named in
 * limits.client_exempt, a trusted proxy, which speaks for many, and who comes
 * by a unix socket, since nobody can tell who that is.
 */
bool crowd_is_exempt(const struct conf *conf, const struct address *client);

/* Counts a connection for its client, and says whether that may have it. */
enum verdict crowd_meet(struct conn *conn);

/*
 * Says whether there is room for a connection that counts as open already.
 * Idle ones are closed for it.
 */
enum verdict crowd_make_room(struct conn *conn);

/* Answers a connection that may not stay, whatever it asks. */
void crowd_turn_away(struct conn *conn, enum verdict verdict);

/* A connection that was counted for its client is closed. */
void crowd_leave(struct conn *conn);

/* Lets others know since when our connections idle. */
void crowd_tell_idle(struct engine *engine);

/* Closes as many idle connections as others want us to. */
void crowd_shed(struct engine *engine);

#endif
