/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sockets of one address, one for each slot.
 *
 * On TCP they are a group of SO_REUSEPORT, numbered in the order of opening, so
 * that the kernel spreads connections over them and can be told over which.  On
 * a unix socket, or where a group cannot be had, all are the same socket.  What
 * is asked for the status is answered by whoever is free: it has one socket.
 */
#ifndef MASTER_LISTENER_GROUP_H
#define MASTER_LISTENER_GROUP_H

#include "os/socket.h"

/* Who opened the sockets: whose a file is, and who removes it. */
enum listener_origin {
	LISTENER_OURS,
	LISTENER_LENT,    /* the master before us, as long as it may go on */
	LISTENER_FOREIGN, /* whoever started us, and may start us again */
};

struct listener_group {
	struct sock_addr asked; /* as configured */
	struct sock_addr addr;  /* with the port that the kernel chose */
	struct sock_listen_opts opts;
	struct sock_listen_opts next_opts; /* in force after the commit */
	int fds[SOCK_STEER_MAX];
	unsigned nfds;
	unsigned nheld;  /* of these were there before listeners_prepare() */
	bool proxy;      /* connections begin with a header of PROXY */
	bool next_proxy; /* in force after the commit */
	bool wanted;     /* by the configuration that was prepared last */
	bool said;       /* the log knows that we listen here */
	bool shared;     /* all of fds are one socket */
	bool admin; /* for the status: one socket, which all workers have */
	enum listener_origin origin;
};

/* Slots that new connections go to; none: to all. */
struct listener_course {
	unsigned members[SOCK_STEER_MAX];
	unsigned nmembers;
};

bool listener_group_is_unix(const struct listener_group *group);

/* The port, in network order, of a TCP address. */
in_port_t *listener_group_port(struct sock_addr *addr);

/*
 * Opens n sockets on group->asked with group->opts; group->shared says whether
 * they are to be one, as those of a unix socket are.  try_ports: a TCP port
 * that is taken is no error but the next one is tried.  0, or -1 with errno.
 */
int listener_group_open(
    struct listener_group *group, unsigned n, bool try_ports);

/*
 * Opens n sockets that join others of ours, as 127.0.0.1:80 beside *:80.
 * 0, or -1 with errno.
 */
int listener_group_join(struct listener_group *group, unsigned n);

/*
 * Takes n sockets that listen already, in the order of the slots.  shared and
 * origin are set before.  0, or -1 with errno: the caller keeps them.
 */
int listener_group_adopt(
    struct listener_group *group, const int *fds, unsigned n);

/*
 * Adds sockets up to n, which get no connections before the course says so;
 * NULL: there is none yet.
 * 0, or -1 with errno: some may have been added.
 */
int listener_group_grow(struct listener_group *group, unsigned n,
    const struct listener_course *course);

/* New connections take this course.  0, or -1 with errno. */
int listener_group_steer(
    const struct listener_group *group, const struct listener_course *course);

bool listener_group_holds(const struct listener_group *group, int fd);

/* Takes what is next, as far as a socket that listens can. */
void listener_group_apply_opts(struct listener_group *group);

/* Closes sockets down to n, the highest first; at 0, removes a file of ours. */
void listener_group_shrink(struct listener_group *group, unsigned n);

/* Why there is no socket for what was asked (errno), and what helps. */
const char *listener_group_hint(const struct listener_group *group, int error);

#endif
