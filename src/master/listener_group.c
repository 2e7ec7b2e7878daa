/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/listener_group.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Ports tried, one after the other, when the first is taken. */
#define LISTENER_GROUP_TRIES 100

bool
listener_group_is_unix(const struct listener_group *group)
{
	return group->asked.sa.any.sa_family == AF_UNIX;
}

in_port_t *
listener_group_port(struct sock_addr *addr)
{
	return addr->sa.any.sa_family == AF_INET6 ? &addr->sa.in6.sin6_port
						  : &addr->sa.in.sin_port;
}

/* Closes what is open and returns -1 with the errno that was there before. */
static int
listener_group_fail(struct listener_group *group)
{
	int error = errno;

	listener_group_shrink(group, 0);
	errno = error;
	return -1;
}

int
listener_group_open(struct listener_group *group, unsigned n, bool try_ports)
{
	bool is_unix = listener_group_is_unix(group);
	int rc = -1;

	group->shared = group->shared || group->admin || is_unix;
	group->addr = group->asked;
	for (int i = 0; i < LISTENER_GROUP_TRIES; i++) {
		in_port_t *port = listener_group_port(&group->addr);

		rc = sock_listen(&group->addr, &group->opts, group->fds,
		    group->shared ? 1 : n);
		if (rc == 0 || errno != EADDRINUSE || is_unix || !try_ports)
			break;
		/* The port after 65535 is 0: whichever is free. */
		*port = htons((uint16_t)(ntohs(*port) + 1));
	}
	if (rc == -1)
		return -1;
	group->nfds = group->shared ? 1 : n;
	return listener_group_grow(group, n, NULL) == 0
		   ? 0
		   : listener_group_fail(group);
}

int
listener_group_join(struct listener_group *group, unsigned n)
{
	for (group->nfds = 0; group->nfds < n; group->nfds++) {
		int fd = sock_listen_more(&group->addr, &group->opts, -1);

		if (fd == -1)
			return listener_group_fail(group);
		group->fds[group->nfds] = fd;
	}
	return 0;
}

int
listener_group_adopt(struct listener_group *group, const int *fds, unsigned n)
{
	if (n == 0 || n > SOCK_STEER_MAX) {
		errno = EINVAL;
		return -1;
	}
	for (unsigned i = 0; i < n; i++) {
		if (sock_adopt(fds[i], &group->addr, &group->opts.v6only) == -1)
			return -1;
		group->fds[i] = fds[i];
	}
	group->asked = group->addr;
	group->shared = group->shared || listener_group_is_unix(group);
	/* Whatever is asked for later, it is another one. */
	group->opts.mode = ~0U;
	if (group->origin == LISTENER_LENT)
		group->opts.backlog = -1;
	group->nfds = group->nheld = n;
	return 0;
}

/* What takes no program: one socket is no group, the same twice neither. */
static bool
listener_group_is_single(const struct listener_group *group)
{
	return group->shared || group->nfds < 2;
}

/* New connections go where they went, however many sockets there are. */
static int
listener_group_hold(
    const struct listener_group *group, const struct listener_course *course)
{
	if (listener_group_is_single(group) || course == NULL ||
	    course->nmembers == 0)
		return 0;
	return sock_steer(group->fds[0], course->members, course->nmembers);
}

/*
 * One socket more.  Beside one that somebody else opened the kernel may refuse
 * it, if that was another user: then the workers share the one.
 */
static int
listener_group_open_more(struct listener_group *group)
{
	int fd = -1;

	if (!group->shared)
		fd =
		    sock_listen_more(&group->addr, &group->opts, group->fds[0]);
	if (fd == -1 && group->origin != LISTENER_OURS && group->nfds == 1)
		group->shared = true;
	if (group->shared)
		fd = fcntl(group->fds[0], F_DUPFD_CLOEXEC, 0);
	return fd;
}

int
listener_group_grow(struct listener_group *group, unsigned n,
    const struct listener_course *course)
{
	if (group->nfds < n && listener_group_hold(group, course) == -1)
		return -1;
	while (group->nfds < n) {
		int fd = listener_group_open_more(group);

		if (fd == -1)
			return -1;
		group->fds[group->nfds] = fd;
		/* The second socket makes the group. */
		if (++group->nfds == 2 &&
		    listener_group_hold(group, course) == -1)
			return -1;
	}
	return 0;
}

int
listener_group_steer(
    const struct listener_group *group, const struct listener_course *course)
{
	/* An address on its way out has no sockets for new slots. */
	if (group->shared || group->nfds < course->nmembers)
		return 0;
	return sock_steer(group->fds[0], course->members,
	    course->nmembers == group->nfds ? 0 : course->nmembers);
}

bool
listener_group_holds(const struct listener_group *group, int fd)
{
	for (unsigned i = 0; i < group->nfds; i++)
		if (group->fds[i] == fd)
			return true;
	return false;
}

void
listener_group_apply_opts(struct listener_group *group)
{
	const struct sock_listen_opts *next = &group->next_opts;

	for (unsigned i = 0; next->defer != group->opts.defer &&
			     !listener_group_is_unix(group) && i < group->nfds;
	     i++)
		(void)sock_set_defer(group->fds[i], next);
	for (unsigned i = 0;
	     next->backlog != group->opts.backlog && i < group->nfds; i++)
		(void)sock_set_backlog(group->fds[i], next);
	if (next->mode != group->opts.mode && listener_group_is_unix(group) &&
	    group->origin != LISTENER_FOREIGN)
		(void)chmod(group->addr.sa.un.sun_path, next->mode);
	group->opts = *next;
	group->proxy = group->next_proxy;
}

void
listener_group_shrink(struct listener_group *group, unsigned n)
{
	while (group->nfds > n)
		(void)close(group->fds[--group->nfds]);
	if (n == 0 && listener_group_is_unix(group) &&
	    group->origin == LISTENER_OURS)
		(void)unlink(group->addr.sa.un.sun_path);
}

const char *
listener_group_hint(const struct listener_group *group, int error)
{
	bool is_unix = listener_group_is_unix(group);

	switch (error) {
	case EADDRINUSE:
		return is_unix ? "a server that is alive, or another file, is "
				 "there"
			       : "another process listens there";
	case EACCES:
		return is_unix ? "no right to create the socket there"
			       : "ports below 1024 need root or "
				 "CAP_NET_BIND_SERVICE";
	case EADDRNOTAVAIL: return "this machine has no such address";
	case EEXIST:
		return "another address of this server is in the way; take "
		       "that out, reload, then add this one";
	default: return strerror(error);
	}
}
