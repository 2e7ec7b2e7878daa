/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Letting libevent grow before the first client comes.
 *
 * libevent takes memory when it first sees a descriptor, and when more are
 * ready at once than ever before.  Doing both at start means that no client
 * can make the worker ask for memory later.
 */
#ifndef WORKER_WARM_H
#define WORKER_WARM_H

struct event_base;

/*
 * Shows base ntimers timers, and nfds descriptors, the lowest that are free,
 * and lets all of these be ready at once.  Fewer are no error where the limit
 * on open files is lower.  Returns 0, or -1 with errno ENOMEM.
 */
int warm_base(struct event_base *base, unsigned ntimers, unsigned nfds);

/*
 * Closes old_fd, if it is not -1, and lets fd have its number, which was taken
 * when the base was warmed: a client that got it would be the first.  Takes
 * both, and returns the descriptor that is left.
 */
int warm_replace(int old_fd, int fd);

#endif
