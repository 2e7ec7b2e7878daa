/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/listener.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <unistd.h>

#include "worker/conn.h"

/* Accepts a wake-up: connections that are open must have their turn too. */
#define LISTENER_BATCH 64

/* Batches at the end: no queue is longer, unless somebody fills it for ever. */
#define LISTENER_LAST_BATCHES 64

#define LISTENER_PAUSE_MS      100
#define LISTENER_WARN_EVERY_MS 60000

static void
listener_add(struct listener *listener)
{
	/* The slot for this descriptor is made by the first call. */
	if (event_add(&listener->event, NULL) == -1)
		log_error(
		    "cannot watch a listening socket: %s", strerror(errno));
}

static void
listeners_add(struct engine *engine)
{
	for (unsigned i = 0; i < engine->nlisteners; i++)
		listener_add(&engine->listeners[i]);
}

static void
listeners_del(struct engine *engine)
{
	for (unsigned i = 0; i < engine->nlisteners; i++)
		(void)event_del(&engine->listeners[i].event);
}

/* Stops accepting for a moment, and says so once a minute. */
static void
listeners_pause(struct engine *engine, const char *why)
{
	const struct timeval pause = { .tv_usec = LISTENER_PAUSE_MS * 1000 };

	listeners_del(engine);
	engine->paused = true;
	(void)event_add(&engine->accept_timer, &pause);
	if (engine->accept_warned_ms != 0 &&
	    engine->clock.mono_ms - engine->accept_warned_ms <
		LISTENER_WARN_EVERY_MS)
		return;
	engine->accept_warned_ms = engine->clock.mono_ms;
	log_warn("accepting pauses, clients wait: %s; %zu connections are "
		 "open, limits.connections is %llu",
	    why, engine->conns.nlent,
	    (unsigned long long)engine->conf->limits.connections);
}

void
listeners_resume(struct engine *engine)
{
	if (!engine->paused)
		return;
	engine->paused = false;
	(void)event_del(&engine->accept_timer);
	if (engine->accepting)
		listeners_add(engine);
}

static void
on_accept_timer(evutil_socket_t fd, short what, void *arg)
{
	struct engine *engine = arg;

	(void)fd;
	(void)what;
	engine_tick(engine);
	listeners_resume(engine);
}

static bool
listener_has_room(const struct engine *engine)
{
	return engine->conns.nlent < engine->conf->limits.connections;
}

struct listener_arrival {
	int fd; /* -1: nobody after all */
	struct sock_peer peer;
};

/* False when there is nothing more to accept now. */
static bool
listener_accept_one(struct listener *listener, struct listener_arrival *arrival)
{
	struct engine *engine = listener->engine;

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
		if (filecache_yield(&engine->serve.cache) ||
		    conn_close_oldest_idle(engine))
			return true;
		listeners_pause(engine, strerror(errno));
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
		conn_open(listener->engine, arrivals[i].fd, &arrivals[i].peer);
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
	/* Somebody waits: the connection that idles longest makes room. */
	if (!listener_has_room(engine) && !conn_close_oldest_idle(engine)) {
		listeners_pause(engine, "limits.connections is reached");
		return;
	}
	room = (size_t)engine->conf->limits.connections - engine->conns.nlent;
	(void)listener_accept_batch(
	    listener, room < LISTENER_BATCH ? room : LISTENER_BATCH);
}

static struct listener *
listeners_append(struct engine *engine, int fd, bool adopted)
{
	struct listener *listener = &engine->listeners[engine->nlisteners++];

	listener->engine = engine;
	listener->fd = fd;
	listener->adopted = adopted;
	(void)event_assign(&listener->event, engine->base, fd,
	    EV_READ | EV_PERSIST, on_listener, listener);
	return listener;
}

int
listeners_init(struct engine *engine)
{
	unsigned n = engine->args->nlisten_fds;

	engine->listeners =
	    calloc(n + LISTENER_ADOPTED_MAX, sizeof(*engine->listeners));
	if (engine->listeners == NULL)
		return -1;
	for (unsigned i = 0; i < n; i++)
		(void)listeners_append(
		    engine, engine->args->listen_fds[i], false);
	(void)evtimer_assign(
	    &engine->accept_timer, engine->base, on_accept_timer, engine);
	return 0;
}

void
listeners_start(struct engine *engine)
{
	if (engine->accepting)
		return;
	engine->accepting = true;
	listeners_add(engine);
}

void
listeners_stop(struct engine *engine)
{
	engine->accepting = false;
	listeners_del(engine);
	(void)event_del(&engine->accept_timer);
}

void
listeners_leave(struct engine *engine)
{
	bool accepting = engine->accepting;

	listeners_stop(engine);
	for (unsigned i = 0; i < engine->nlisteners; i++) {
		struct listener *listener = &engine->listeners[i];

		for (int n = 0; accepting && n < LISTENER_LAST_BATCHES; n++)
			if (!listener_accept_batch(listener, LISTENER_BATCH))
				break;
		(void)close(listener->fd);
	}
	engine->nlisteners = 0;
	(void)event_del(&engine->accept_timer);
}

void
listeners_adopt(struct engine *engine, const int *fds, unsigned nfds)
{
	unsigned room = engine->args->nlisten_fds + LISTENER_ADOPTED_MAX;

	for (unsigned i = 0; i < nfds; i++) {
		struct listener *listener;

		if (!engine->accepting || engine->nlisteners == room) {
			(void)close(fds[i]); /* others have it too */
			continue;
		}
		listener = listeners_append(engine, fds[i], true);
		if (!engine->paused)
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
	listeners_stop(engine);
	free(engine->listeners);
	engine->listeners = NULL;
}
