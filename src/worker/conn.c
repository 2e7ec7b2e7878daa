/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/conn.h"

#include <errno.h>
#include <event2/event.h>
#include <stddef.h>
#include <unistd.h>

#include "worker/disk.h"
#include "worker/exchange.h"
#include "worker/listener.h"
#include "worker/sending.h"
#include "worker/step.h"

/* Where it counts, and where it may have been the oldest idle one. */
static void
conn_leave_crowd(struct conn *conn)
{
	if (conn->tally_slot != 0)
		crowd_leave(conn);
	crowd_tell_idle(conn->engine);
}

void
conn_close(struct conn *conn)
{
	struct engine *engine = conn->engine;

	if (conn->exchange != NULL)
		exchange_put(engine, &conn->exchange);
	deadline_leave(&engine->deadlines, &conn->deadline);
	if (conn->armed != 0)
		(void)event_del(&conn->event);
	/* Linux closes whatever it returns, and the client is gone by now. */
	(void)close(conn->fd);
	engine_counters(engine, conn->admin)->now.open--;
	if (engine->crowd.on)
		conn_leave_crowd(conn);
	slab_put(&engine->conns, conn);
	engine_conn_closed(engine);
}

static enum deadline_kind
conn_deadline_kind(const struct conn *conn)
{
	switch (conn->state) {
	case CONN_IDLE:
		return conn->nrequests == 0 ? DEADLINE_FIRST_BYTE
					    : DEADLINE_KEEPALIVE;
	case CONN_PROXY:
	case CONN_HEAD: return DEADLINE_HEAD;
	case CONN_BODY: return DEADLINE_BODY;
	case CONN_VERIFY: return DEADLINE_VERIFY;
	case CONN_DISK: return DEADLINE_DISK;
	case CONN_ANSWER:
	case CONN_FLUSH:
	case CONN_FILE: return DEADLINE_SEND;
	case CONN_PACE: return DEADLINE_PACE;
	case CONN_LINGER:
	case CONN_CLOSED: break;
	}
	return DEADLINE_LINGER;
}

static void on_conn(evutil_socket_t fd, short what, void *arg);

/* How much a client takes is looked at over all that it is sent in a row. */
static void
conn_begin_wait(struct conn *conn)
{
	struct engine *engine = conn->engine;
	enum deadline_kind kind = conn_deadline_kind(conn);
	struct exchange *exchange = conn->exchange;

	conn->new_wait = false;
	if (kind == DEADLINE_SEND || kind == DEADLINE_PACE) {
		if (exchange->uptake.since_ms == 0)
			uptake_begin(
			    &exchange->uptake, conn->fd, engine->clock.mono_ms);
		if (kind == DEADLINE_SEND && conn->deadline.kind == kind)
			return;
	} else if (exchange != NULL) {
		exchange->uptake.since_ms = 0;
	}
	deadline_enter(
	    &engine->deadlines, &conn->deadline, kind, engine->clock.mono_ms);
}

/* The one place where events are registered and waits begin. */
static void
conn_wait(struct conn *conn, short what)
{
	struct engine *engine = conn->engine;

	if (conn->new_wait) {
		conn_begin_wait(conn);
		if (engine->crowd.on)
			crowd_tell_idle(engine);
	}
	if (conn->armed == what)
		return;
	if (conn->armed != 0)
		(void)event_del(&conn->event);
	conn->armed = what;
	/* What the client does meanwhile is seen when the answer is sent. */
	if (what == 0)
		return;
	(void)event_assign(&conn->event, engine->base, conn->fd,
	    (short)(what | EV_PERSIST), on_conn, conn);
	if (event_add(&conn->event, NULL) == -1) {
		int error = errno;

		if (engine_may_log(engine, RATION_CLOSED, LOG_LEVEL_ERROR))
			log_error("closed a connection: cannot watch it: %s",
			    strerror(error));
		conn->armed = 0;
		conn_close(conn);
	}
}

static void
conn_run(struct conn *conn)
{
	while (conn->state != CONN_CLOSED) {
		switch (step_take(conn)) {
		case STEP_GO_ON: continue;
		case STEP_WAIT_READ: conn_wait(conn, EV_READ); return;
		case STEP_WAIT_WRITE: conn_wait(conn, EV_WRITE); return;
		case STEP_WAIT: conn_wait(conn, 0); return;
		}
	}
	conn_close(conn);
}

void
conn_resume(struct conn *conn)
{
	if (conn->exchange != NULL) {
		conn->exchange->may_read = true;
		conn->exchange->nrecvs = 0;
		conn->exchange->nslices = 0;
	}
	conn_run(conn);
}

void
conn_go_on(struct conn *conn)
{
	conn->exchange->nslices = 0;
	conn_run(conn);
}

static void
on_conn(evutil_socket_t fd, short what, void *arg)
{
	struct conn *conn = arg;

	(void)fd;
	(void)what;
	engine_tick(conn->engine);
	conn_resume(conn);
}

/* Anybody else could be whoever he likes. */
static bool
conn_is_trusted(struct engine *engine, const struct address *peer,
    struct counters *counters)
{
	char text[ADDRESS_TEXT];

	if (cidr_set_find(&engine->conf->server.trusted, peer) != NULL)
		return true;
	counters->proxy_untrusted++;
	if (engine_may_log(engine, RATION_PROXY, LOG_LEVEL_NOTICE)) {
		(void)address_format(peer, text);
		log_notice("closed a connection from %s: it is none of "
			   "server.trusted_proxies, and listen.proxy_protocol "
			   "takes nobody else",
		    text);
	}
	return false;
}

/*
 * When a connection of now is old: who asks slowly, again and again, must not
 * stay for ever.
 */
static int64_t
conn_old_ms(const struct engine *engine)
{
	uint64_t age_ms = engine->conf->timeouts.age_ms;

	return age_ms == 0 ? INT64_MAX
			   : engine->clock.mono_ms + (int64_t)age_ms;
}

/* Whether there is room for it; who it is for may still have to be said. */
static bool
conn_comes_in(struct conn *conn)
{
	enum verdict verdict = VERDICT_OK;

	if (conn->admin)
		return true;
	if (!conn->proxy)
		verdict = crowd_meet(conn);
	if (verdict == VERDICT_OK)
		verdict = crowd_make_room(conn);
	if (verdict != VERDICT_OK)
		crowd_turn_away(conn, verdict);
	return verdict == VERDICT_OK;
}

void
conn_open(const struct listener *listener, int fd, const struct address *peer)
{
	struct engine *engine = listener->engine;
	struct counters *counters = engine_counters(engine, listener->admin);
	struct conn *conn;

	if (listener->proxy && !conn_is_trusted(engine, peer, counters)) {
		counters->accepted++;
		(void)close(fd); /* nothing was sent to it */
		return;
	}
	conn = slab_get(&engine->conns);
	if (conn == NULL) {
		if (engine_may_log(engine, RATION_CLOSED, LOG_LEVEL_ERROR))
			log_error("closed a connection: no memory for it");
		(void)close(fd);
		return;
	}
	*conn = (struct conn){
		.engine = engine,
		.fd = fd,
		.admin = listener->admin,
		.proxy = listener->proxy,
		.state = CONN_IDLE,
		.old_ms = conn_old_ms(engine),
		.peer = *peer,
		.client = *peer,
	};
	deadline_init(&conn->deadline, counters->now.waiting);
	counters->accepted++;
	counters->now.open++;
	if (engine->crowd.on && !conn_comes_in(conn))
		conn_close(conn);
	else
		conn_run(conn);
}

struct conn *
conn_of_deadline(struct deadline *deadline)
{
	char *start = (char *)deadline - offsetof(struct conn, deadline);

	return (struct conn *)(void *)start;
}

bool
conn_takes_enough(const struct conn *conn)
{
	const struct exchange *exchange = conn->exchange;
	uint64_t rate = conn->engine->conf->limits.send_rate;

	/* It cannot take what it is not sent. */
	if (exchange->pace.rate != 0 && exchange->pace.rate / 2 < rate)
		rate = exchange->pace.rate / 2;
	return uptake_is_enough(
	    &exchange->uptake, conn->fd, rate, conn->engine->clock.mono_ms);
}

/* False for who is sent something and takes too little, now that it is time. */
static bool
conn_may_go_on(const struct conn *conn)
{
	const struct engine *engine = conn->engine;
	struct uptake *uptake = &conn->exchange->uptake;

	if (conn->state == CONN_PACE &&
	    engine->clock.mono_ms - uptake->since_ms <
		(int64_t)engine->conf->timeouts.send_ms)
		return true;
	if (!conn_takes_enough(conn))
		return false;
	uptake_begin(uptake, conn->fd, engine->clock.mono_ms);
	return true;
}

static bool
conn_is_sending(const struct conn *conn)
{
	return conn->state == CONN_FLUSH || conn->state == CONN_FILE ||
	       conn->state == CONN_PACE;
}

void
conn_on_expired(void *arg, struct deadline *deadline)
{
	struct engine *engine = arg;
	struct conn *conn = conn_of_deadline(deadline);

	engine_tick(engine);
	if (conn_is_sending(conn) && conn_may_go_on(conn)) {
		conn->new_wait = true;
		conn_resume(conn);
		return;
	}
	if (conn->state != CONN_VERIFY && conn->state != CONN_DISK)
		engine_counters(engine, conn->admin)->timeouts++;
	switch (conn->state) {
	case CONN_VERIFY: step_give_up_verdict(conn); break;
	case CONN_DISK: disk_give_up(conn); break;
	case CONN_PROXY: (void)step_refuse_proxy(conn, "not in time"); break;
	case CONN_HEAD: (void)step_refuse(conn, VERDICT_HEAD_TIMEOUT); break;
	case CONN_BODY: (void)step_refuse(conn, VERDICT_BODY_TIMEOUT); break;
	case CONN_FLUSH:
	case CONN_FILE:
	case CONN_PACE:
		errno = ETIMEDOUT;
		(void)sending_abort(conn);
		break;
	case CONN_IDLE:
	case CONN_ANSWER:
	case CONN_LINGER:
	case CONN_CLOSED: (void)step_enter(conn, CONN_CLOSED); break;
	}
	conn_run(conn);
}

/* Closes who has waited longest for kind; false when nobody does. */
static bool
conn_close_oldest(struct engine *engine, enum deadline_kind kind)
{
	struct deadline *deadline = deadline_oldest(&engine->deadlines, kind);

	if (deadline == NULL)
		return false;
	conn_close(conn_of_deadline(deadline));
	return true;
}

void
conn_close_idle(struct engine *engine)
{
	while (conn_close_oldest(engine, DEADLINE_KEEPALIVE))
		continue;
	while (conn_close_oldest(engine, DEADLINE_FIRST_BYTE))
		continue;
}

void
conn_close_all(struct engine *engine)
{
	for (int kind = 0; kind < DEADLINE_KINDS; kind++)
		while (conn_close_oldest(engine, (enum deadline_kind)kind))
			continue;
}
