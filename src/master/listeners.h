/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The listening sockets, which the master holds for life.
 *
 * Every TCP address has a group of SO_REUSEPORT sockets, one per slot.  Closing
 * one of them would reset the connections queued on it, so none is closed while
 * its address is served: with fewer workers, the sockets left over get no new
 * connections (sock_steer) and the workers accept from them what still comes.
 */
#ifndef MASTER_LISTENERS_H
#define MASTER_LISTENERS_H

#include "conf/conf.h"
#include "master/listener_group.h"
#include "master/outcome.h"

struct listeners {
	struct listener_group *groups;
	unsigned ngroups;
	struct listener_course course; /* that new connections take now */
};

/* Takes a group that another process opened.  0, or -1 with errno ENOMEM. */
int listeners_take(
    struct listeners *listeners, const struct listener_group *group);

/*
 * Opens what conf wants and is not held yet, so that every address has a
 * socket for each of nslots, SOCK_STEER_MAX at most.  try_ports: a TCP port
 * that is taken is no error but the next one is tried.  Returns 0, or -1 with
 * lines in *outcome; then, and always, listeners_commit() or
 * listeners_rollback() comes next.
 */
int listeners_prepare(struct listeners *listeners, const struct conf *conf,
    unsigned nslots, bool try_ports, struct outcome *outcome);

/*
 * The sockets of [admin], which every worker accepts from.  As
 * listeners_of_slot().
 */
int *listeners_of_admin(const struct listeners *listeners, unsigned *n);

/* The prepared configuration serves: closes what it does not want. */
void listeners_commit(struct listeners *listeners);

/* It does not: closes what was opened for it. */
void listeners_rollback(struct listeners *listeners);

/* New connections go to these slots alone, which have a worker. */
void listeners_steer(
    struct listeners *listeners, const unsigned *slots, unsigned nslots);

/*
 * The sockets that the worker of slot, one of nworkers, accepts from: its own
 * and its share of those left over.  An array that the caller frees; NULL with
 * errno.
 */
int *listeners_of_slot(const struct listeners *listeners, unsigned slot,
    unsigned nworkers, unsigned *n);

/* In a worker: closes all but the descriptors in fds, and those of [admin]. */
void listeners_keep(struct listeners *listeners, const int *fds, unsigned nfds);

/* The same but for the sockets of [admin]: workers that drain still answer. */
void listeners_close_public(struct listeners *listeners);

/* Closes everything and removes the files of unix sockets. */
void listeners_close(struct listeners *listeners);

/* Closes everything here; another process goes on with it. */
void listeners_hand_over(struct listeners *listeners);

/* The master who lent us sockets is gone: they are ours. */
void listeners_own(struct listeners *listeners);

#endif
