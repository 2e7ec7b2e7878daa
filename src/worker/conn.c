/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/conn.h"

#include <errno.h>
#include <event2/event.h>
#include <stddef.h>
#include <unistd.h>

#include "core/escape.h"
#include "worker/exchange.h"

/* Reads a wake-up: a client that never stops sending must let others in. */
#define CONN_RECVS 16

/* Most bytes thrown away after the last answer. */
#define CONN_LINGER_BYTES (64 * 1024)

/* What a state says to conn_run(). */
enum conn_next {
	CONN_GO_ON, /* another state is due at once */
	CONN_WAIT_READ,
	CONN_WAIT_WRITE,
};

static enum conn_next
conn_enter(struct conn *conn, enum conn_state state)
{
	conn->state = state;
	conn->new_wait = true;
	return CONN_GO_ON;
}

static enum conn_next
conn_flush_then(struct conn *conn, enum conn_state state)
{
	conn->after_flush = state;
	return conn_enter(conn, CONN_FLUSH);
}

/* What a client is refused for, at the level where an operator may look. */
static void
conn_log_refusal(struct conn *conn, enum verdict verdict)
{
	struct exchange *exchange = conn->exchange;
	struct span bytes = { exchange->in->data + exchange->start,
		exchange->in->len - exchange->start };
	char peer[SOCK_PEER_TEXT];
	char excerpt[256];
	size_t len;

	conn->engine->counters->verdicts[verdict]++;
	if (!engine_may_log(conn->engine, LOG_LEVEL_INFO))
		return;
	sock_peer_format(&conn->peer, peer);
	len = escape_log(excerpt, sizeof(excerpt), bytes);
	log_info("refused %s from %s: %s: \"%.*s\"", verdict_name(verdict),
	    peer, verdict_text(verdict), (int)len, excerpt);
}

static enum conn_next
conn_refuse(struct conn *conn, enum verdict verdict)
{
	conn_log_refusal(conn, verdict);
	if (verdict_status(verdict) == 0)
		return conn_enter(conn, CONN_CLOSED);
	conn->exchange->request.verdict = verdict;
	return conn_enter(conn, CONN_ANSWER);
}

static enum conn_next
conn_begin_body(struct conn *conn)
{
	struct exchange *exchange = conn->exchange;
	const struct request *request = &exchange->request;

	if (request->content_length > conn->engine->conf->limits.body_bytes)
		return conn_refuse(conn, VERDICT_BODY_TOO_LARGE);
	if (request->content_length == 0 && !request->chunked)
		return conn_enter(conn, CONN_ANSWER);
	/*
	 * The client waits for 100 (RFC 9110 10.1.1).  Nobody wants its body,
	 * so it gets the final answer, and the connection ends with it.
	 */
	if (request->expect_continue)
		return conn_enter(conn, CONN_ANSWER);
	exchange_begin_body(conn->engine, exchange);
	return conn_enter(conn, CONN_BODY);
}

/* Reads if that is allowed now; no bytes means wait, idle or closed. */
static enum conn_next
conn_recv(struct conn *conn)
{
	struct exchange *exchange = conn->exchange;

	if (!exchange->may_read || exchange->nrecvs >= CONN_RECVS) {
		if (conn->state != CONN_HEAD || !exchange_is_idle(exchange))
			return CONN_WAIT_READ;
		exchange_put(conn->engine, &conn->exchange);
		(void)conn_enter(conn, CONN_IDLE);
		return CONN_WAIT_READ;
	}
	switch (exchange_recv(exchange, conn->fd)) {
	case EXCHANGE_DONE: break;
	case EXCHANGE_WAIT: break;
	case EXCHANGE_CLOSED: return conn_enter(conn, CONN_CLOSED);
	}
	return CONN_GO_ON;
}

static enum conn_next
conn_step_head(struct conn *conn)
{
	struct exchange *exchange = conn->exchange;

	switch (exchange_parse(conn->engine, exchange)) {
	case REQUEST_MORE:
		/* Answers to what was pipelined leave together, here. */
		if (exchange->out->len > 0)
			return conn_flush_then(conn, CONN_HEAD);
		return conn_recv(conn);
	case REQUEST_DONE: return conn_begin_body(conn);
	case REQUEST_REFUSED: break;
	}
	return conn_refuse(conn, exchange->request.verdict);
}

static enum conn_next
conn_step_body(struct conn *conn)
{
	struct exchange *exchange = conn->exchange;

	switch (exchange_skip_body(exchange)) {
	case BODY_MORE: break;
	case BODY_DONE: return conn_enter(conn, CONN_ANSWER);
	case BODY_REFUSED: return conn_refuse(conn, exchange->body.verdict);
	}
	if (exchange->out->len > 0)
		return conn_flush_then(conn, CONN_BODY);
	return conn_recv(conn);
}

static bool
conn_keeps(const struct conn *conn)
{
	const struct conf *conf = conn->engine->conf;
	const struct conf_limits *limits = &conf->limits;
	const struct request *request = &conn->exchange->request;

	/* What follows a CONNECT may be a tunnel's bytes (RFC 9110 9.3.6). */
	if (request->method == METHOD_CONNECT)
		return false;
	return request->verdict == VERDICT_OK && request->keep_alive &&
	       conf->timeouts.keepalive_ms > 0 && !request->expect_continue &&
	       !conn->engine->draining &&
	       (limits->requests == 0 || conn->nrequests < limits->requests);
}

static enum conn_next
conn_step_answer(struct conn *conn)
{
	struct exchange *exchange = conn->exchange;
	bool keep;

	conn->nrequests++;
	keep = conn_keeps(conn);
	if (!exchange_answer(conn->engine, exchange, keep)) {
		conn->nrequests--;
		return conn_flush_then(conn, CONN_ANSWER);
	}
	if (!exchange_is_done(exchange))
		return conn_flush_then(conn, CONN_FILE);
	exchange_finish(conn->engine, exchange, &conn->peer);
	if (keep)
		return conn_enter(conn, CONN_HEAD);
	return conn_flush_then(
	    conn, exchange->linger ? CONN_LINGER : CONN_CLOSED);
}

/*
 * What is written cannot be sent, or not all that its head promised: a reset
 * tells the client, if it is still there.
 */
static enum conn_next
conn_abort(struct conn *conn)
{
	struct exchange *exchange = conn->exchange;
	int error = errno;
	/* Clients that leave or fall asleep are no news; files that fail are.
	 */
	enum log_level level =
	    error == EPIPE || error == ECONNRESET || error == ETIMEDOUT
		? LOG_LEVEL_INFO
		: LOG_LEVEL_WARN;
	char path[512];
	size_t len;

	conn->engine->counters->aborted++;
	if (engine_may_log(conn->engine, level)) {
		len = escape_log(path, sizeof(path), exchange->request.path);
		log_at(level, "reset the connection while sending \"%.*s\": %s",
		    (int)len, path,
		    error == ENODATA ? "the file became shorter"
				     : strerror(error));
	}
	sock_reset_on_close(conn->fd);
	if (!exchange_is_done(exchange))
		exchange_finish(conn->engine, exchange, &conn->peer);
	return conn_enter(conn, CONN_CLOSED);
}

static enum conn_next
conn_step_flush(struct conn *conn)
{
	struct exchange *exchange = conn->exchange;
	size_t before = exchange->out->pos;

	switch (exchange_flush(conn->engine, exchange, conn->fd)) {
	case EXCHANGE_DONE: return conn_enter(conn, conn->after_flush);
	case EXCHANGE_WAIT: break;
	case EXCHANGE_CLOSED: return conn_abort(conn);
	}
	if (exchange->out->pos > before)
		conn->new_wait = true;
	return CONN_WAIT_WRITE;
}

static enum conn_next
conn_step_file(struct conn *conn)
{
	struct exchange *exchange = conn->exchange;

	if (exchange_is_done(exchange)) {
		exchange_finish(conn->engine, exchange, &conn->peer);
		if (exchange->keep)
			return conn_enter(conn, CONN_HEAD);
		return conn_enter(
		    conn, exchange->linger ? CONN_LINGER : CONN_CLOSED);
	}
	if (exchange_left(exchange) == 0) {
		exchange_fill(conn->engine, exchange);
		return conn_flush_then(conn, CONN_FILE);
	}
	switch (exchange_send_file(conn->engine, exchange, conn->fd)) {
	case EXCHANGE_DONE: conn->new_wait = true; break;
	case EXCHANGE_WAIT: return CONN_WAIT_WRITE;
	case EXCHANGE_CLOSED: return conn_abort(conn);
	}
	/* One slice a wake-up: the other connections have their turn now. */
	return exchange_left(exchange) > 0 ? CONN_WAIT_WRITE : CONN_GO_ON;
}

/*
 * Closing with unread bytes makes the kernel send a reset, which can overtake
 * the answer (RFC 9112 9.6): say that nothing more comes, and read on a while.
 */
static enum conn_next
conn_step_linger(struct conn *conn)
{
	char scratch[4096];
	ssize_t n;

	if (conn->exchange != NULL)
		exchange_put(conn->engine, &conn->exchange);
	if (conn->nlingered == 0)
		/* Fails when the client is gone, which the read then tells. */
		(void)shutdown(conn->fd, SHUT_WR);
	n = recv(conn->fd, scratch, sizeof(scratch), 0);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return CONN_WAIT_READ;
	if (n <= 0 || conn->nlingered >= CONN_LINGER_BYTES)
		return conn_enter(conn, CONN_CLOSED);
	conn->nlingered += (uint32_t)n;
	return CONN_GO_ON;
}

static enum conn_next
conn_step_idle(struct conn *conn)
{
	conn->exchange = exchange_get(conn->engine);
	if (conn->exchange != NULL)
		return conn_enter(conn, CONN_HEAD);
	if (engine_may_log(conn->engine, LOG_LEVEL_ERROR))
		log_error("closed a connection: no memory for its buffers");
	return conn_enter(conn, CONN_CLOSED);
}

static void
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
	case CONN_HEAD: return DEADLINE_HEAD;
	case CONN_BODY: return DEADLINE_BODY;
	case CONN_ANSWER:
	case CONN_FLUSH:
	case CONN_FILE: return DEADLINE_SEND;
	case CONN_LINGER:
	case CONN_CLOSED: break;
	}
	return DEADLINE_LINGER;
}

static void on_conn(evutil_socket_t fd, short what, void *arg);

/* The one place where events are registered and waits begin. */
static void
conn_wait(struct conn *conn, short what)
{
	struct engine *engine = conn->engine;

	if (conn->new_wait) {
		conn->new_wait = false;
		deadline_enter(&engine->deadlines, &conn->deadline,
		    conn_deadline_kind(conn), engine->clock.mono_ms);
		if (what == EV_WRITE)
			conn->unconfirmed = sock_unconfirmed(conn->fd);
	}
	if (conn->armed == what)
		return;
	if (conn->armed != 0)
		(void)event_del(&conn->event);
	conn->armed = what;
	(void)event_assign(&conn->event, engine->base, conn->fd,
	    (short)(what | EV_PERSIST), on_conn, conn);
	if (event_add(&conn->event, NULL) == -1) {
		log_error("closed a connection: cannot watch it: %s",
		    strerror(errno));
		conn->armed = 0;
		conn_close(conn);
	}
}

static enum conn_next
conn_step(struct conn *conn)
{
	switch (conn->state) {
	case CONN_IDLE: return conn_step_idle(conn);
	case CONN_HEAD: return conn_step_head(conn);
	case CONN_BODY: return conn_step_body(conn);
	case CONN_ANSWER: return conn_step_answer(conn);
	case CONN_FLUSH: return conn_step_flush(conn);
	case CONN_FILE: return conn_step_file(conn);
	case CONN_LINGER:
	case CONN_CLOSED: break;
	}
	return conn_step_linger(conn);
}

static void
conn_run(struct conn *conn)
{
	while (conn->state != CONN_CLOSED) {
		switch (conn_step(conn)) {
		case CONN_GO_ON: continue;
		case CONN_WAIT_READ: conn_wait(conn, EV_READ); return;
		case CONN_WAIT_WRITE: conn_wait(conn, EV_WRITE); return;
		}
	}
	conn_close(conn);
}

static void
on_conn(evutil_socket_t fd, short what, void *arg)
{
	struct conn *conn = arg;

	(void)fd;
	(void)what;
	engine_tick(conn->engine);
	if (conn->exchange != NULL) {
		conn->exchange->may_read = true;
		conn->exchange->nrecvs = 0;
	}
	conn_run(conn);
}

void
conn_open(struct engine *engine, int fd, const struct sock_peer *peer)
{
	struct conn *conn = slab_get(&engine->conns);

	if (conn == NULL) {
		log_error("closed a connection: no memory for it");
		(void)close(fd);
		return;
	}
	*conn = (struct conn){
		.engine = engine,
		.fd = fd,
		.state = CONN_IDLE,
		.peer = *peer,
	};
	deadline_init(&conn->deadline);
	engine->counters->accepted++;
	engine->counters->open++;
	conn_run(conn);
}

static struct conn *
conn_of_deadline(struct deadline *deadline)
{
	char *start = (char *)deadline - offsetof(struct conn, deadline);

	return (struct conn *)(void *)start;
}

/*
 * The kernel asks for more only when much of its buffer is free, which a slow
 * client may take longer for than we wait.  What it confirmed is progress too.
 */
static bool
conn_made_progress(const struct conn *conn)
{
	return (conn->state == CONN_FLUSH || conn->state == CONN_FILE) &&
	       sock_unconfirmed(conn->fd) < conn->unconfirmed;
}

void
conn_on_expired(void *arg, struct deadline *deadline)
{
	struct engine *engine = arg;
	struct conn *conn = conn_of_deadline(deadline);

	engine_tick(engine);
	if (conn_made_progress(conn)) {
		conn->new_wait = true;
		conn_wait(conn, EV_WRITE);
		return;
	}
	engine->counters->timeouts++;
	switch (conn->state) {
	case CONN_HEAD: (void)conn_refuse(conn, VERDICT_HEAD_TIMEOUT); break;
	case CONN_BODY: (void)conn_refuse(conn, VERDICT_BODY_TIMEOUT); break;
	case CONN_FLUSH:
	case CONN_FILE:
		errno = ETIMEDOUT;
		(void)conn_abort(conn);
		break;
	case CONN_IDLE:
	case CONN_ANSWER:
	case CONN_LINGER:
	case CONN_CLOSED: (void)conn_enter(conn, CONN_CLOSED); break;
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

bool
conn_close_oldest_idle(struct engine *engine)
{
	return conn_close_oldest(engine, DEADLINE_KEEPALIVE);
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
