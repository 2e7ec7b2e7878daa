/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accepting connections: in batches, and not at all when there is no room.
 *
 * A level-triggered listener that cannot accept would spin, so on EMFILE and
 * its like accepting pauses for a moment; the kernel's queue holds the clients.
 *
 * The sockets of [admin] have a limit of their own: however many clients there
 * are, the operator gets in.
 */
#ifndef WORKER_LISTENER_H
#define WORKER_LISTENER_H

#include "worker/engine.h"

struct listener {
	struct event event;
	struct engine *engine;
	int fd;       /* borrowed, or with adopted owned */
	bool proxy;   /* connections begin with a header of PROXY */
	bool admin;   /* of [admin]; these come first in engine->listeners */
	bool adopted; /* of a worker that died, until its successor serves */
};

/* Most sockets that a worker accepts from in the place of others. */
#define LISTENER_ADOPTED_MAX 64

/* Makes the listeners of engine->args.  0, or -1 with errno ENOMEM. */
int listeners_init(struct engine *engine);

/* Begins to accept. */
void listeners_start(struct engine *engine);

/*
 * Stops for good: accepts what is queued, which would be reset where no other
 * process has the socket, and closes the sockets, so that a port is free again
 * although this worker still drains.  keep_admin: goes on with those of
 * [admin].
 */
void listeners_leave(struct engine *engine, bool keep_admin);

/*
 * Takes the sockets of a worker that died, and accepts from them too, or from
 * as many as there is room for: what is queued there must not wait for its
 * successor.
 */
void listeners_adopt(struct engine *engine, const int *fds, unsigned nfds);

/* Closes what was adopted; others have these sockets. */
void listeners_release(struct engine *engine);

/* Goes on if accepting had paused for want of room. */
void listeners_resume(struct engine *engine);

/* Stops and frees. */
void listeners_fini(struct engine *engine);

#endif
