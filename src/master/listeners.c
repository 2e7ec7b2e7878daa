/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/listeners.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"

/* What one section asks for, address by address. */
struct listeners_wish {
	struct listener_group model;
	const char *section; /* the name behind its colon, or "" */
	unsigned nslots;
	bool try_ports;
	struct outcome *outcome;
};

static void
listeners_explain(const struct listeners_wish *wish, int error)
{
	const struct listener_group *group = &wish->model;
	bool is_unix = listener_group_is_unix(group);
	struct sock_addr addr = group->asked;
	char text[SOCK_ADDR_TEXT], find[64] = "";

	sock_addr_format(&addr, text);
	if (error == EADDRINUSE && !is_unix)
		(void)snprintf(find, sizeof(find),
		    "; find it with: ss -ltnp 'sport = :%u'",
		    (unsigned)ntohs(*listener_group_port(&addr)));
	outcome_error(wish->outcome, "cannot listen on %s ([%s%s%s]): %s%s",
	    text, group->admin ? "admin" : "listen",
	    *wish->section == '\0' ? "" : ":", wish->section,
	    listener_group_hint(group, error), find);
}

/*
 * v6only is how an IPv6 socket was bound, and nothing that it can change.  What
 * a socket is for does not change either, once it was said.
 */
static bool
listeners_fits(
    const struct listener_group *group, const struct listener_group *model)
{
	if (group->said && group->admin != model->admin)
		return false;
	return group->asked.sa.any.sa_family != AF_INET6 ||
	       group->origin == LISTENER_FOREIGN ||
	       group->opts.v6only == model->opts.v6only;
}

static struct listener_group *
listeners_find(struct listeners *listeners, const struct listener_group *model)
{
	for (unsigned i = 0; i < listeners->ngroups; i++) {
		struct listener_group *group = &listeners->groups[i];

		/* Two addresses with port 0 are two groups. */
		if (!group->wanted &&
		    sock_addr_equal(&group->asked, &model->asked) &&
		    listeners_fits(group, model))
			return group;
	}
	return NULL;
}

/* The group that keeps another from being opened, if it is one of ours. */
static struct listener_group *
listeners_find_obstacle(
    struct listeners *listeners, struct listener_group *other)
{
	bool is_unix = listener_group_is_unix(other);

	for (unsigned i = 0; i < listeners->ngroups; i++) {
		struct listener_group *group = &listeners->groups[i];

		if (listener_group_is_unix(group) != is_unix)
			continue;
		if (is_unix ? sock_addr_equal(&group->addr, &other->addr)
			    : *listener_group_port(&group->addr) ==
				  *listener_group_port(&other->addr))
			return group;
	}
	return NULL;
}

static int
listeners_make_room(struct listeners *listeners)
{
	struct listener_group *groups = reallocarray(listeners->groups,
	    listeners->ngroups + 1, sizeof(*listeners->groups));

	if (groups == NULL)
		return -1;
	listeners->groups = groups;
	return 0;
}

int
listeners_take(struct listeners *listeners, const struct listener_group *group)
{
	if (listeners_make_room(listeners) == -1)
		return -1;
	listeners->groups[listeners->ngroups++] = *group;
	return 0;
}

/* Public sockets may share a port, as 127.0.0.1:80 and *:80 do. */
static int
listeners_join(
    struct listeners *listeners, struct listener_group *group, unsigned n)
{
	const struct listener_group *other =
	    listeners_find_obstacle(listeners, group);

	if (other == NULL)
		return -1;
	if (!other->admin && !group->admin)
		return listener_group_join(group, n);
	errno = EEXIST;
	return -1;
}

/* Adds a group for an address that is new. */
static int
listeners_add(struct listeners *listeners, const struct listeners_wish *wish)
{
	struct listener_group group = wish->model;
	unsigned n = group.admin ? 1 : wish->nslots;

	if (listeners_make_room(listeners) == -1)
		return -1;
	if (listener_group_open(&group, n, wish->try_ports) == -1 &&
	    (errno != EADDRINUSE || listeners_join(listeners, &group, n) == -1))
		return -1;
	listeners->groups[listeners->ngroups++] = group;
	return 0;
}

/* Opens what one address of the configuration still lacks. */
static int
listeners_prepare_address(
    struct listeners *listeners, const struct listeners_wish *wish)
{
	struct listener_group *held = listeners_find(listeners, &wish->model);

	if (held == NULL)
		return listeners_add(listeners, wish);
	if (!held->admin && !listener_group_is_unix(held) &&
	    held->origin == LISTENER_OURS && held->shared != wish->model.shared)
		outcome_warn(wish->outcome,
		    "listen.accept changed: that needs a restart");
	held->wanted = true;
	held->admin = wish->model.admin;
	held->next_opts = wish->model.opts;
	held->next_proxy = wish->model.next_proxy;
	return held->admin ? 0
			   : listener_group_grow(
				 held, wish->nslots, &listeners->course);
}

/* Opens what the addresses of a section still lack. */
static int
listeners_prepare_section(struct listeners *listeners,
    struct listeners_wish *wish, const struct sock_addr *addrs, unsigned n)
{
	int rc = 0;

	wish->model.wanted = true;
	wish->model.next_opts = wish->model.opts;
	for (unsigned i = 0; i < n; i++) {
		wish->model.asked = addrs[i];
		if (listeners_prepare_address(listeners, wish) == 0)
			continue;
		listeners_explain(wish, errno);
		rc = -1;
	}
	return rc;
}

static int
listeners_prepare_all(struct listeners *listeners, const struct conf *conf,
    struct listeners_wish *wish)
{
	const struct conf_admin *admin = &conf->admin;
	int rc = 0;

	for (unsigned i = 0; i < conf->nlistens; i++) {
		const struct conf_listen *listen = &conf->listens[i];

		wish->section = listen->name;
		wish->model = (struct listener_group){
			.opts = { .backlog = (int)listen->backlog,
			    .v6only = listen->v6only,
			    .defer = listen->defer_accept,
			    .mode = (unsigned)listen->mode },
			.shared = listen->accept == CONF_ACCEPT_SHARED,
			.next_proxy = listen->proxy_protocol,
		};
		if (listeners_prepare_section(listeners, wish, listen->addrs,
			listen->addresses.nitems) == -1)
			rc = -1;
	}
	wish->section = "";
	wish->try_ports = false;
	wish->model = (struct listener_group){
		.opts = { .v6only = true, .mode = (unsigned)admin->mode },
		.admin = true,
	};
	if (listeners_prepare_section(
		listeners, wish, admin->addrs, admin->addresses.nitems) == -1)
		rc = -1;
	return rc;
}

/* A socket that was passed and that nobody asks for would hang its clients. */
static int
listeners_check_passed(
    const struct listeners *listeners, struct outcome *outcome)
{
	int rc = 0;

	for (unsigned i = 0; i < listeners->ngroups; i++) {
		const struct listener_group *group = &listeners->groups[i];
		char text[SOCK_ADDR_TEXT];

		if (group->wanted || group->origin != LISTENER_FOREIGN)
			continue;
		sock_addr_format(&group->addr, text);
		outcome_error(outcome,
		    "the service manager passed a socket for %s, which no "
		    "address of [listen] or [admin] names; add address = %s, "
		    "or take it out of the socket unit and restart",
		    text, text);
		rc = -1;
	}
	return rc;
}

int
listeners_prepare(struct listeners *listeners, const struct conf *conf,
    unsigned nslots, bool try_ports, struct outcome *outcome)
{
	struct listeners_wish wish = {
		.nslots = nslots, .try_ports = try_ports, .outcome = outcome
	};
	int rc;

	for (unsigned i = 0; i < listeners->ngroups; i++) {
		listeners->groups[i].wanted = false;
		listeners->groups[i].nheld = listeners->groups[i].nfds;
	}
	rc = listeners_prepare_all(listeners, conf, &wish);
	if (listeners_check_passed(listeners, outcome) == -1)
		rc = -1;
	return rc;
}

/* Takes a group, which is closed, out of the list. */
static void
listeners_remove(struct listeners *listeners, unsigned index)
{
	struct listener_group *group = &listeners->groups[index];

	listener_group_shrink(group, 0);
	listeners->ngroups--;
	memmove(
	    group, group + 1, (listeners->ngroups - index) * sizeof(*group));
}

static void
listeners_say(const char *what, const struct listener_group *group)
{
	char text[SOCK_ADDR_TEXT];

	sock_addr_format(&group->addr, text);
	log_notice("%s %s%s", what, text, group->admin ? " ([admin])" : "");
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

		if (!group->said)
			listeners_say("listening on", group);
		group->said = true;
		listener_group_apply_opts(group);
		group->nheld = group->nfds;
	}
}

void
listeners_rollback(struct listeners *listeners)
{
	for (unsigned i = listeners->ngroups; i-- > 0;) {
		struct listener_group *group = &listeners->groups[i];

		/* As before: workers that start from now on accept here. */
		group->wanted = true;
		if (group->nheld == 0)
			listeners_remove(listeners, i);
		else
			listener_group_shrink(group, group->nheld);
	}
}

void
listeners_steer(
    struct listeners *listeners, const unsigned *slots, unsigned nslots)
{
	struct listener_course *course = &listeners->course;

	if (nslots == 0 || nslots > SOCK_STEER_MAX)
		return; /* nobody is there: all wait where they are */
	memcpy(course->members, slots, nslots * sizeof(*slots));
	course->nmembers = nslots;
	for (unsigned i = 0; i < listeners->ngroups; i++) {
		struct listener_group *group = &listeners->groups[i];

		if (listener_group_steer(group, course) == -1)
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

		if (!group->wanted || group->admin)
			continue;
		for (unsigned j = slot; j < group->nfds; j += nworkers) {
			fds[(*n)++] = group->fds[j];
			if (group->shared)
				break;
		}
	}
	return fds;
}

int *
listeners_of_admin(const struct listeners *listeners, unsigned *n)
{
	int *fds = calloc(listeners->ngroups + 1, sizeof(*fds));

	*n = 0;
	for (unsigned i = 0; fds != NULL && i < listeners->ngroups; i++)
		if (listeners->groups[i].wanted && listeners->groups[i].admin)
			fds[(*n)++] = listeners->groups[i].fds[0];
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

		if (group->wanted && group->admin)
			continue;
		for (unsigned j = 0; j < group->nfds; j++)
			if (!listeners_is_in(group->fds[j], fds, nfds))
				(void)close(group->fds[j]);
	}
}

void
listeners_own(struct listeners *listeners)
{
	for (unsigned i = 0; i < listeners->ngroups; i++)
		if (listeners->groups[i].origin == LISTENER_LENT)
			listeners->groups[i].origin = LISTENER_OURS;
}

void
listeners_hand_over(struct listeners *listeners)
{
	for (unsigned i = 0; i < listeners->ngroups; i++)
		listeners->groups[i].origin = LISTENER_LENT;
	listeners_close(listeners);
}

void
listeners_close_public(struct listeners *listeners)
{
	for (unsigned i = listeners->ngroups; i-- > 0;)
		if (!listeners->groups[i].admin)
			listeners_remove(listeners, i);
}

void
listeners_close(struct listeners *listeners)
{
	while (listeners->ngroups > 0)
		listeners_remove(listeners, listeners->ngroups - 1);
	free(listeners->groups);
	*listeners = (struct listeners){ 0 };
}
