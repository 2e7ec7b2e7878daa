/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/listeners.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"

/* Ports tried, one after the other, when the first is taken. */
#define LISTENERS_TRIES 100

static sa_family_t
listeners_family(const struct sock_addr *addr)
{
	return addr->sa.any.sa_family;
}

/* The port, in network order, of a TCP address. */
static in_port_t *
listeners_port(struct sock_addr *addr)
{
	return listeners_family(addr) == AF_INET6 ? &addr->sa.in6.sin6_port
						  : &addr->sa.in.sin_port;
}

/* Closes the sockets of a group down to count, the highest first. */
static void
listeners_shrink(struct listener_group *group, unsigned count)
{
	while (group->nfds > count)
		(void)close(group->fds[--group->nfds]);
}

/* Closes a group, and removes the file of a unix socket. */
static void
listeners_remove(struct listeners *listeners, unsigned index)
{
	struct listener_group *group = &listeners->groups[index];

	listeners_shrink(group, 0);
	if (listeners_family(&group->addr) == AF_UNIX)
		(void)unlink(group->addr.sa.un.sun_path);
	listeners->ngroups--;
	memmove(
	    group, group + 1, (listeners->ngroups - index) * sizeof(*group));
}

static const char *
listeners_hint(const struct sock_addr *addr, int error)
{
	bool is_unix = listeners_family(addr) == AF_UNIX;

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
	default: return strerror(error);
	}
}

static void
listeners_explain(const struct sock_addr *addr, const char *section, int error,
    struct outcome *outcome)
{
	struct sock_addr copy = *addr;
	bool named = section != NULL && *section != '\0';
	char text[SOCK_ADDR_TEXT], find[64] = "";

	sock_addr_format(addr, text);
	if (error == EADDRINUSE && listeners_family(addr) != AF_UNIX)
		(void)snprintf(find, sizeof(find),
		    "; find it with: ss -ltnp 'sport = :%u'",
		    (unsigned)ntohs(*listeners_port(&copy)));
	outcome_error(outcome, "cannot listen on %s ([listen%s%s]): %s%s", text,
	    named ? ":" : "", named ? section : "", listeners_hint(addr, error),
	    find);
}

static struct listener_group *
listeners_find(struct listeners *listeners, const struct sock_addr *asked,
    const struct sock_listen_opts *opts)
{
	for (unsigned i = 0; i < listeners->ngroups; i++) {
		struct listener_group *group = &listeners->groups[i];

		/* Two addresses with port 0 are two groups. */
		if (!group->wanted && sock_addr_equal(&group->asked, asked) &&
		    group->opts.v6only == opts->v6only)
			return group;
	}
	return NULL;
}

/* True when one of our own groups has the port of addr. */
static bool
listeners_hold_port(struct listeners *listeners, struct sock_addr *addr)
{
	for (unsigned i = 0; i < listeners->ngroups; i++) {
		struct sock_addr *held = &listeners->groups[i].addr;

		if (listeners_family(held) != AF_UNIX &&
		    *listeners_port(held) == *listeners_port(addr))
			return true;
	}
	return false;
}

/* Opens n sockets that join others of ours, as 127.0.0.1:80 beside *:80. */
static int
listeners_join(struct listener_group *group, unsigned n)
{
	for (group->nfds = 0; group->nfds < n; group->nfds++) {
		int fd = sock_listen_more(&group->addr, &group->opts, -1);

		if (fd == -1) {
			int error = errno;

			listeners_shrink(group, 0);
			errno = error;
			return -1;
		}
		group->fds[group->nfds] = fd;
	}
	return 0;
}

static int
listeners_open_group(struct listeners *listeners, struct listener_group *group,
    unsigned n, bool try_ports)
{
	bool is_unix = listeners_family(&group->asked) == AF_UNIX;
	int rc = -1;

	group->addr = group->asked;
	for (int i = 0; i < LISTENERS_TRIES; i++) {
		rc = sock_listen(&group->addr, &group->opts, group->fds, n);
		if (rc == 0 || errno != EADDRINUSE || is_unix || !try_ports)
			break;
		/* The port after 65535 is 0: whichever is free. */
		*listeners_port(&group->addr) =
		    htons((uint16_t)(ntohs(*listeners_port(&group->addr)) + 1));
	}
	if (rc == 0) {
		group->nfds = n;
		return 0;
	}
	if (errno == EADDRINUSE && !is_unix &&
	    listeners_hold_port(listeners, &group->addr))
		return listeners_join(group, n);
	return -1;
}

/* Adds a group for an address that is new. */
static int
listeners_add(struct listeners *listeners, const struct listener_group *model,
    unsigned n, bool try_ports)
{
	struct listener_group *groups, group = *model;

	groups = reallocarray(listeners->groups, listeners->ngroups + 1,
	    sizeof(*listeners->groups));
	if (groups == NULL)
		return -1;
	listeners->groups = groups;
	if (listeners_open_group(listeners, &group, n, try_ports) == -1)
		return -1;
	listeners->groups[listeners->ngroups++] = group;
	return 0;
}

/* New connections go where they went, however many sockets there are. */
static int
listeners_hold_course(
    const struct listeners *listeners, const struct listener_group *group)
{
	/* A socket alone is no group yet and takes no program. */
	if (listeners_family(&group->addr) == AF_UNIX || group->nfds < 2 ||
	    listeners->nmembers == 0)
		return 0;
	return sock_steer(
	    group->fds[0], listeners->members, listeners->nmembers);
}

/* Adds sockets for further slots to a group, steered away from for now. */
static int
listeners_grow(
    const struct listeners *listeners, struct listener_group *group, unsigned n)
{
	if (group->nfds < n && listeners_hold_course(listeners, group) == -1)
		return -1;
	while (group->nfds < n) {
		int fd =
		    sock_listen_more(&group->addr, &group->opts, group->fds[0]);

		if (fd == -1)
			return -1;
		group->fds[group->nfds] = fd;
		/* The second socket makes the group. */
		if (++group->nfds == 2 &&
		    listeners_hold_course(listeners, group) == -1)
			return -1;
	}
	return 0;
}

/* Opens what one address of the configuration still lacks. */
static int
listeners_prepare_address(struct listeners *listeners,
    const struct listener_group *model, unsigned nslots, bool try_ports)
{
	struct listener_group *held =
	    listeners_find(listeners, &model->asked, &model->opts);

	if (held == NULL)
		return listeners_add(listeners, model, nslots, try_ports);
	held->wanted = true;
	held->next_opts = model->opts;
	return listeners_grow(listeners, held, nslots);
}

int
listeners_prepare(struct listeners *listeners, const struct conf *conf,
    unsigned nslots, bool try_ports, struct outcome *outcome)
{
	int rc = 0;

	for (unsigned i = 0; i < listeners->ngroups; i++) {
		listeners->groups[i].wanted = false;
		listeners->groups[i].nheld = listeners->groups[i].nfds;
	}
	for (unsigned i = 0; i < conf->nlistens; i++) {
		const struct conf_listen *listen = &conf->listens[i];
		struct listener_group model = {
			.opts = { .backlog = (int)listen->backlog,
			    .v6only = listen->v6only,
			    .mode = (unsigned)listen->mode },
			.wanted = true,
		};

		model.next_opts = model.opts;
		for (unsigned j = 0; j < listen->addresses.nitems; j++) {
			model.asked = listen->addrs[j];
			if (listeners_prepare_address(
				listeners, &model, nslots, try_ports) == 0)
				continue;
			listeners_explain(
			    &model.asked, listen->name, errno, outcome);
			rc = -1;
		}
	}
	return rc;
}

/* Options that a socket can change while it listens. */
static void
listeners_apply_opts(struct listener_group *group)
{
	const struct sock_listen_opts *next = &group->next_opts;

	for (unsigned i = 0;
	     next->backlog != group->opts.backlog && i < group->nfds; i++)
		(void)sock_set_backlog(group->fds[i], next);
	if (next->mode != group->opts.mode &&
	    listeners_family(&group->addr) == AF_UNIX)
		(void)chmod(group->addr.sa.un.sun_path, next->mode);
	group->opts = *next;
}

static void
listeners_say(const char *what, const struct listener_group *group)
{
	char text[SOCK_ADDR_TEXT];

	sock_addr_format(&group->addr, text);
	log_notice("%s %s", what, text);
}

void
listeners_commit(struct listeners *listeners)
{
	for (unsigned i = listeners->ngroups; i-- > 0;)
		if (!listeners->groups[i].wanted) {
			listeners_say(
			    "no longer listening on", &listeners->groups[i]);
			listeners_remove(listeners, i);
		}
	for (unsigned i = 0; i < listeners->ngroups; i++) {
		struct listener_group *group = &listeners->groups[i];

		if (group->nheld == 0)
			listeners_say("listening on", group);
		listeners_apply_opts(group);
		group->nheld = group->nfds;
	}
}

void
listeners_rollback(struct listeners *listeners)
{
	for (unsigned i = listeners->ngroups; i-- > 0;) {
		struct listener_group *group = &listeners->groups[i];

		if (group->nheld == 0)
			listeners_remove(listeners, i);
		else
			listeners_shrink(group, group->nheld);
	}
}

void
listeners_steer(
    struct listeners *listeners, const unsigned *slots, unsigned nslots)
{
	if (nslots == 0 || nslots > SOCK_STEER_MAX)
		return; /* nobody is there: all wait where they are */
	memcpy(listeners->members, slots, nslots * sizeof(*slots));
	listeners->nmembers = nslots;
	for (unsigned i = 0; i < listeners->ngroups; i++) {
		struct listener_group *group = &listeners->groups[i];

		/* An address on its way out has no sockets for new slots. */
		if (listeners_family(&group->addr) == AF_UNIX ||
		    group->nfds < nslots)
			continue;
		if (sock_steer(group->fds[0], slots,
			nslots == group->nfds ? 0 : nslots) == -1)
			log_warn("cannot steer connections to %u of %u "
				 "sockets, some may wait: %s",
			    nslots, group->nfds, strerror(errno));
	}
}

int *
listeners_of_slot(const struct listeners *listeners, unsigned slot,
    unsigned nworkers, unsigned *n)
{
	unsigned total = 0;
	int *fds;

	for (unsigned i = 0; i < listeners->ngroups; i++)
		total += listeners->groups[i].nfds;
	*n = 0;
	fds = calloc(total + 1, sizeof(*fds));
	if (fds == NULL)
		return NULL;
	for (unsigned i = 0; i < listeners->ngroups; i++) {
		const struct listener_group *group = &listeners->groups[i];
		/* The sockets of a unix group are one and the same. */
		bool is_unix = listeners_family(&group->addr) == AF_UNIX;

		for (unsigned j = slot; group->wanted && j < group->nfds;
		     j += nworkers) {
			fds[(*n)++] = group->fds[j];
			if (is_unix)
				break;
		}
	}
	return fds;
}

static bool
listeners_is_in(int fd, const int *fds, unsigned nfds)
{
	for (unsigned i = 0; i < nfds; i++)
		if (fds[i] == fd)
			return true;
	return false;
}

void
listeners_keep(struct listeners *listeners, const int *fds, unsigned nfds)
{
	for (unsigned i = 0; i < listeners->ngroups; i++) {
		const struct listener_group *group = &listeners->groups[i];

		for (unsigned j = 0; j < group->nfds; j++)
			if (!listeners_is_in(group->fds[j], fds, nfds))
				(void)close(group->fds[j]);
	}
}

void
listeners_close(struct listeners *listeners)
{
	while (listeners->ngroups > 0)
		listeners_remove(listeners, listeners->ngroups - 1);
	free(listeners->groups);
	*listeners = (struct listeners){ 0 };
}
