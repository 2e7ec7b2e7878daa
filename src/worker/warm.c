/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/warm.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* The array of ready events doubles each time it is full: 32 to 4,096. */
#define WARM_LOOPS 8

static void
on_warm(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

/* Adds events on duplicates of fd; returns how many. */
static unsigned
warm_add(struct event_base *base, int fd, struct event *events, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

		if (copy == -1)
			return i;
		(void)event_assign(&events[i], base, copy, EV_READ | EV_PERSIST,
		    on_warm, NULL);
		if (event_add(&events[i], NULL) == -1) {
			(void)close(copy);
			return i;
		}
	}
	return n;
}

/* The heap of timers keeps the room that it once had. */
static int
warm_timers(struct event_base *base, unsigned n)
{
	const struct timeval later = { .tv_sec = 1 };
	struct event *timers = calloc(n, sizeof(*timers));

	if (timers == NULL)
		return -1;
	for (unsigned i = 0; i < n; i++) {
		(void)evtimer_assign(&timers[i], base, on_warm, NULL);
		(void)event_add(&timers[i], &later);
	}
	for (unsigned i = 0; i < n; i++)
		(void)event_del(&timers[i]);
	free(timers);
	return 0;
}

int
warm_base(struct event_base *base, unsigned ntimers, unsigned nfds)
{
	struct event *events = calloc(nfds, sizeof(*events));
	int fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK); /* always readable */
	unsigned n = 0;

	int rc = warm_timers(base, ntimers);

	if (events != NULL && fd != -1)
		n = warm_add(base, fd, events, nfds);
	for (int i = 0; i < WARM_LOOPS && n > 0; i++)
		(void)event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	for (unsigned i = 0; i < n; i++) {
		(void)event_del(&events[i]);
		(void)close(event_get_fd(&events[i]));
	}
	if (fd != -1)
		(void)close(fd);
	free(events);
	return events == NULL ? -1 : rc;
}

int
warm_replace(int old_fd, int fd)
{
	if (old_fd == -1)
		return fd;
	if (dup3(fd, old_fd, O_CLOEXEC) == -1) {
		(void)close(old_fd);
		return fd;
	}
	(void)close(fd);
	return old_fd;
}
