/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Another program in our place, and nobody notices.
 *
 * On SIGUSR2 the master starts the program that its own path leads to now, and
 * hands it every socket and the board by number (inherit.h).  The two serve
 * side by side for a moment:
 *
 *	new: R, all my workers accept       old: stops accepting, drains
 *	old: G, pidfile and door are free   new: takes them
 *	new: D, I have them                 old: answers tined -s, leaves
 *
 * A program that ends, or takes too long, before it says R changes nothing.
 */
#ifndef MASTER_UPGRADE_H
#define MASTER_UPGRADE_H

#include <poll.h>

#include "master/state.h"

/* Most descriptors that upgrade_poll() fills in. */
#define UPGRADE_POLLS 2

/*
 * Takes what another master, or a service manager, handed to us: at the very
 * start.  0, or -1 when that cannot be used, as was said.
 */
int upgrade_take(struct master *master);

/* Starts the program that is to replace us.  What goes wrong is said. */
void upgrade_begin(struct master *master);

/* The start is over, and we serve: tells the master that we replace. */
void upgrade_announce(struct master *master);

/* Fills in what to poll for; returns how many. */
unsigned upgrade_poll(const struct master *master, struct pollfd *fds);

/* Reads what the other master says. */
void upgrade_read(struct master *master);

/* A child has ended: true when it was the program that we started. */
bool upgrade_reap(struct master *master, pid_t pid, int status);

/* When upgrade_time() has something to do; INT64_MAX: never. */
int64_t upgrade_deadline(const struct master *master);
void upgrade_time(struct master *master);

/* In a worker: closes what only a master needs. */
void upgrade_close_fds(struct master *master);

/*
 * Who took over loaded its configuration and opened its logs a moment ago; we
 * may have been told since then to do that again, and now it is told.
 */
void upgrade_pass_on(struct master *master);

/*
 * We are told to stop: true when that was meant for who took over a moment ago,
 * and it is told.
 */
bool upgrade_pass_on_stop(const struct master *master);

/* We stop: so does the program that we started, unless it serves already. */
void upgrade_stop(struct master *master);

#endif
