/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/listener.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "worker/conn.h"
#include "worker/shed.h"

/* Accepts a wake-up: connections that are open must have their turn too. */
#define LISTENER_BATCH 64

/* Batches at the end: no queue is longer, unless somebody fills it for ever. */
#define LISTENER_LAST_BATCHES 64

#define LISTENER_PAUSES "accepting pauses, clients wait"

#define LISTENER_PAUSE_MS 100

static void
listeners_del(struct engine *engine, bool admin)
{
	for (unsigned i = 0; i < engine->nlisteners; i++)
		if (engine->listeners[i].admin == admin)
			(void)event_del(&engine->listeners[i].event);
}

/* Stops accepting for a moment. */
static void
listeners_pause(struct engine *engine, bool admin)
{
	const struct timeval pause = { .tv_usec = LISTENER_PAUSE_MS * 1000 };

	listeners_del(engine, admin);
	engine->paused[admin] = true;
	(void)event_add(&engine->accept_timer, &pause);
}

static void
listener_add(struct listener *listener)
{
	struct engine *engine = listener->engine;
	int error;

	if (event_add(&listener->event, NULL) == 0)
		return;
	error = errno;
	if (engine_may_log(engine, RATION_ACCEPT, LOG_LEVEL_ERROR))
		log_error("cannot watch a listening socket, clients wait: %s",
		    strerror(error));
	/* All are added again when it is over. */
	listeners_pause(engine, listener->admin);
}

static void
listeners_add(struct engine *engine, bool admin)
{
	for (unsigned i = 0; i < engine->nlisteners; i++)
		if (engine->listeners[i].admin == admin)
			listener_add(&engine->listeners[i]);
}

/* Says why clients are not let in, once a minute. */
static void
listeners_warn(struct engine *engine, const char *what, const char *why)
{
	if (!ration_is_due(&engine->accept_warned_ms, engine->clock.mono_ms))
		return;
	log_warn("%s: %s; %zu connections are open, limits.connections is %llu",
	    what, why, engine->conns.nlent,
	    (unsigned long long)engine->conf->limits.connections);
}

void
listeners_resume(struct engine *engine)
{
	if (!engine->paused[false] && !engine->paused[true])
		return;
	(void)event_del(&engine->accept_timer);
	for (int admin = 0; admin < 2; admin++) {
		bool paused = engine->paused[admin];

		/* It may have to pause again. */
		engine->paused[admin] = false;
		if (paused && engine->accepting[admin])
			listeners_add(engine, admin != 0);
	}
}

/* Takes the descriptor that listener_turn_away() needs, if there is one. */
static void
listeners_take_spare(struct engine *engine)
{
	if (engine->spare_fd == -1)
		engine->spare_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
}

static void
on_accept_timer(evutil_socket_t fd, short what, void *arg)
{
	struct engine *engine = arg;

	(void)fd;
	(void)what;
	engine_tick(engine);
	listeners_take_spare(engine);
	listeners_resume(engine);
}

/* How many more connections this listener may bring. */
static size_t
listener_room(const struct listener *listener)
{
	const struct engine *engine = listener->engine;
	size_t most = listener->admin
			  ? ENGINE_ADMIN_CONNS
			  : (size_t)engine->conf->limits.connections;
	size_t open = engine->apart.now.open;

	if (!listener->admin)
		open = engine->conns.nlent - open;
	return open < most ? most - open : 0;
}

struct listener_arrival {
	int fd; /* -1: nobody after all */
	struct address peer;
};

/*
 * For want of descriptors: one is given up, so that a client hears that it may
 * come again, instead of nothing.  False when that is not possible.
 */
static bool
listener_turn_away(struct listener *listener)
{
	struct engine *engine = listener->engine;
	struct address peer;
	int fd;

	if (engine->spare_fd == -1)
		return false;
	(void)close(engine->spare_fd);
	engine->spare_fd = -1;
	fd = sock_accept(listener->fd, &peer);
	if (fd != -1) {
		turnaway_send_last(engine, fd);
		(void)close(fd); /* it was told all there is to say */
	}
	listeners_take_spare(engine);
	return fd != -1;
}

/* False when there is nothing more to accept now. */
static bool
listener_accept_one(struct listener *listener, struct listener_arrival *arrival)
{
	struct engine *engine = listener->engine;
	int error;

	arrival->fd = sock_accept(listener->fd, &arrival->peer);
	if (arrival->fd != -1)
		return true;
	switch (errno) {
	case EINTR:
	case ECONNABORTED: return true; /* that one client is gone */
	case EAGAIN: return false;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		engine->counters->accept_errors++;
		error = errno;
		if (filecache_yield(&engine->serve.cache) ||
		    shed_for_conn(engine))
			return true;
		if (listener_turn_away(listener)) {
			listeners_warn(
			    engine, "clients get 503", strerror(error));
			return true;
		}
		listeners_warn(engine, LISTENER_PAUSES, strerror(error));
		listeners_pause(engine, false);
		listeners_pause(engine, true);
		return false;
	default:
		/* Linux passes on network errors of the client's side. */
		engine->counters->accept_errors++;
		return true;
	}
}

/*
 * Accepts up to most, and only then serves them.  One at a time would let a
 * client that has its answer change a file and connect again within the loop,
 * where the event of that change has no turn.  False as above.
 */
static bool
listener_accept_batch(struct listener *listener, size_t most)
{
	struct listener_arrival arrivals[LISTENER_BATCH];
	bool more = true;
	size_t n = 0;

	for (size_t i = 0; more && i < most; i++) {
		more = listener_accept_one(listener, &arrivals[n]);
		if (arrivals[n].fd != -1)
			n++;
	}
	if (listener->adopted)
		listener->engine->counters->rescued += n;
	for (size_t i = 0; i < n; i++)
		conn_open(listener, arrivals[i].fd, &arrivals[i].peer);
	return more;
}

static void
on_listener(evutil_socket_t fd, short what, void *arg)
{
	struct listener *listener = arg;
	struct engine *engine = listener->engine;
	size_t room;

	(void)fd;
	(void)what;
	engine_tick(engine);
	/* Somebody waits: one that idles, or is too slow, makes room. */
	if (listener_room(listener) == 0 && !listener->admin)
		(void)shed_for_conn(engine);
	room = listener_room(listener);
	if (room == 0) {
		if (!listener->admin)
			listeners_warn(engine, LISTENER_PAUSES,
			    "limits.connections is reached");
		listeners_pause(engine, listener->admin);
		return;
	}
	(void)listener_accept_batch(
	    listener, room < LISTENER_BATCH ? room : LISTENER_BATCH);
}

static struct listener *
listeners_append(struct engine *engine, int fd, bool adopted)
{
	struct listener *listener = &engine->listeners[engine->nlisteners++];

	listener->engine = engine;
	listener->fd = fd;
	listener->admin = engine->nlisteners <= engine->args->nadmin_fds;
	listener->adopted = adopted;
	(void)event_assign(&listener->event, engine->base, fd,
	    EV_READ | EV_PERSIST, on_listener, listener);
	return listener;
}

static unsigned
listeners_most(const struct engine *engine)
{
	return engine->args->nadmin_fds + engine->args->nlisten_fds +
	       LISTENER_ADOPTED_MAX;
}

int
listeners_init(struct engine *engine)
{
	const struct worker_args *args = engine->args;

	engine->listeners =
	    calloc(listeners_most(engine), sizeof(*engine->listeners));
	if (engine->listeners == NULL)
		return -1;
	(void)evtimer_assign(
	    &engine->accept_timer, engine->base, on_accept_timer, engine);
	listeners_take_spare(engine);
	for (unsigned i = 0; i < args->nadmin_fds; i++)
		(void)listeners_append(engine, args->admin_fds[i], false);
	for (unsigned i = 0; i < args->nlisten_fds; i++)
		listeners_append(engine, args->listen_fds[i], false)->proxy =
		    args->listen_proxy[i];
	/* The first time, libevent takes memory for a descriptor. */
	for (unsigned i = 0; i < engine->nlisteners; i++)
		if (event_add(&engine->listeners[i].event, NULL) == -1) {
			listeners_fini(engine);
			return -1;
		}
	listeners_del(engine, false);
	listeners_del(engine, true);
	return 0;
}

void
listeners_start(struct engine *engine)
{
	if (engine->accepting[false] || engine->draining)
		return;
	for (int admin = 0; admin < 2; admin++) {
		engine->accepting[admin] = true;
		listeners_add(engine, admin != 0);
	}
}

static void
listeners_stop(struct engine *engine, bool admin)
{
	engine->accepting[admin] = false;
	engine->paused[admin] = false;
	listeners_del(engine, admin);
}

/* Takes those who wait, and closes the socket. */
static void
listener_leave(struct listener *listener, bool accepting)
{
	for (int n = 0; accepting && n < LISTENER_LAST_BATCHES; n++)
		if (!listener_accept_batch(listener, LISTENER_BATCH))
			break;
	(void)close(listener->fd);
}

void
listeners_leave(struct engine *engine, bool keep_admin)
{
	unsigned nkept = keep_admin ? engine->args->nadmin_fds : 0;
	bool accepting = engine->accepting[false];

	listeners_stop(engine, false);
	if (!keep_admin)
		listeners_stop(engine, true);
	for (unsigned i = nkept; i < engine->nlisteners; i++)
		listener_leave(&engine->listeners[i], accepting);
	engine->nlisteners = nkept;
}

/* An adopted socket is as our own at the same address. */
static bool
listeners_need_proxy(const struct engine *engine, int fd)
{
	for (unsigned i = 0; i < engine->nlisteners; i++)
		if (!engine->listeners[i].admin &&
		    sock_shares_address(engine->listeners[i].fd, fd))
			return engine->listeners[i].proxy;
	return false;
}

void
listeners_adopt(struct engine *engine, const int *fds, unsigned nfds)
{
	for (unsigned i = 0; i < nfds; i++) {
		struct listener *listener;
		bool proxy;

		if (!engine->accepting[false] ||
		    engine->nlisteners == listeners_most(engine)) {
			(void)close(fds[i]); /* others have it too */
			continue;
		}
		proxy = listeners_need_proxy(engine, fds[i]);
		listener = listeners_append(engine, fds[i], true);
		listener->proxy = proxy;
		if (!engine->paused[false])
			listener_add(listener);
	}
}

void
listeners_release(struct engine *engine)
{
	while (engine->nlisteners > 0 &&
	       engine->listeners[engine->nlisteners - 1].adopted) {
		struct listener *listener =
		    &engine->listeners[--engine->nlisteners];

		(void)event_del(&listener->event);
		(void)close(listener->fd); /* others have it too */
	}
}

void
listeners_fini(struct engine *engine)
{
	listeners_release(engine);
	listeners_stop(engine, false);
	listeners_stop(engine, true);
	(void)event_del(&engine->accept_timer);
	if (engine->spare_fd != -1)
		(void)close(engine->spare_fd);
	engine->spare_fd = -1;
	free(engine->listeners);
	engine->listeners = NULL;
}
