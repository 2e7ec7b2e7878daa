/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/step.h"

#include <errno.h>
#include <strings.h>
#include <unistd.h>

#include "core/escape.h"
#include "worker/answer.h"
#include "worker/complain.h"
#include "worker/disk.h"
#include "worker/sending.h"
#include "worker/shortage.h"

/*
 * Reads a wake-up: a client that never stops sending must let others in.  Each
 * may bring hundreds of pipelined requests; more reads gain nothing, and with
 * 16 the others waited three times as long.
 */
#define STEP_RECVS 2

enum step_next
step_enter(struct conn *conn, enum conn_state state)
{
	conn->state = state;
	conn->new_wait = true;
	return STEP_GO_ON;
}

enum step_next
step_flush_then(struct conn *conn, enum conn_state state)
{
	conn->after_flush = state;
	return step_enter(conn, CONN_FLUSH);
}

/*
 * What a client is refused for, at the level where an operator may look; one
 * that speaks another protocol is more likely to be sent here by mistake.
 */
static void
step_log_refusal(struct conn *conn, enum verdict verdict)
{
	struct exchange *exchange = conn->exchange;
	struct span bytes = { exchange->in->data + exchange->start,
		exchange->in->len - exchange->start };
	enum log_level level =
	    verdict_status(verdict) == 0 ? LOG_LEVEL_NOTICE : LOG_LEVEL_INFO;
	char client[ADDRESS_TEXT];
	char excerpt[256];
	size_t len;

	exchange->counters->verdicts[verdict]++;
	/* The log has heard of the client, and what to do (worker/quota.c). */
	if (exchange->quota.asked && exchange->quota.verdict == verdict)
		return;
	if (!engine_may_log(conn->engine, RATION_REFUSED, level))
		return;
	(void)address_format(exchange->client, client);
	if (bytes.len > sizeof(excerpt))
		bytes.len = sizeof(excerpt);
	len = escape_log(
	    excerpt, sizeof(excerpt), complain_before_credentials(bytes));
	log_at(level, "refused %s from %s: %s: \"%.*s\"", verdict_name(verdict),
	    client, verdict_text(verdict), (int)len, excerpt);
}

enum step_next
step_refuse(struct conn *conn, enum verdict verdict)
{
	step_log_refusal(conn, verdict);
	/* What came before it may have been requests. */
	if (verdict_status(verdict) == 0)
		return step_flush_then(conn, CONN_LINGER);
	conn->exchange->request.verdict = verdict;
	return step_enter(conn, CONN_ANSWER);
}

static enum step_next
step_begin_body(struct conn *conn)
{
	struct exchange *exchange = conn->exchange;
	const struct request *request = &exchange->request;

	if (request->content_length > conn->engine->conf->limits.body_bytes)
		return step_refuse(conn, VERDICT_BODY_TOO_LARGE);
	if (request->content_length == 0 && !request->chunked)
		return step_enter(conn, CONN_ANSWER);
	/*
	 * The client waits for 100 (RFC 9110 10.1.1).  Nobody wants its body,
	 * so it gets the final answer, and the connection ends with it.
	 */
	if (request->expect_continue)
		return step_enter(conn, CONN_ANSWER);
	exchange_begin_body(conn->engine, exchange);
	return step_enter(conn, CONN_BODY);
}

/* Reads if that is allowed now; no bytes means wait, idle or closed. */
static enum step_next
step_recv(struct conn *conn)
{
	struct exchange *exchange = conn->exchange;

	if (!exchange->may_read || exchange->nrecvs >= STEP_RECVS) {
		if ((conn->state != CONN_HEAD && conn->state != CONN_PROXY) ||
		    !exchange_is_idle(exchange))
			return STEP_WAIT_READ;
		exchange_put(conn->engine, &conn->exchange);
		(void)step_enter(conn, CONN_IDLE);
		return STEP_WAIT_READ;
	}
	switch (exchange_recv(exchange, conn->fd)) {
	case EXCHANGE_DONE:
	case EXCHANGE_WAIT: break;
	case EXCHANGE_CLOSED: return step_enter(conn, CONN_CLOSED);
	}
	return STEP_GO_ON;
}

enum step_next
step_refuse_proxy(struct conn *conn, const char *problem)
{
	struct exchange *exchange = conn->exchange;
	char peer[ADDRESS_TEXT], excerpt[128];
	size_t len;

	exchange->counters->proxy_refused++;
	if (engine_may_log(conn->engine, RATION_PROXY, LOG_LEVEL_NOTICE)) {
		(void)address_format(&conn->peer, peer);
		len = escape_log(excerpt, sizeof(excerpt),
		    complain_before_credentials((struct span){
			exchange->in->data, exchange->in->len }));
		log_notice("closed a connection from %s: PROXY protocol: %s: "
			   "\"%.*s\"",
		    peer, problem, (int)len, excerpt);
	}
	return step_enter(conn, CONN_CLOSED);
}

/* Kept apart from the steps that every connection takes. */
static enum step_next step_proxy(struct conn *conn) __attribute__((cold));

static enum step_next
step_proxy(struct conn *conn)
{
	struct exchange *exchange = conn->exchange;
	enum verdict verdict;
	struct proxy proxy;

	switch (exchange_take_proxy(exchange, &proxy)) {
	case PROXY_MORE: return step_recv(conn);
	case PROXY_REFUSED: return step_refuse_proxy(conn, proxy.problem);
	case PROXY_DONE: break;
	}
	conn->proxy = false;
	if (proxy.has_client)
		conn->client = proxy.client;
	if (!conn->engine->crowd.on)
		return step_enter(conn, CONN_HEAD);
	verdict = crowd_meet(conn);
	if (verdict == VERDICT_OK)
		return step_enter(conn, CONN_HEAD);
	crowd_turn_away(conn, verdict);
	return step_enter(conn, CONN_CLOSED);
}

static enum step_next
step_head(struct conn *conn)
{
	struct exchange *exchange = conn->exchange;
	enum request_result result = REQUEST_MORE;

	if (!exchange_is_idle(exchange))
		result = exchange_parse(conn->engine, exchange);
	switch (result) {
	case REQUEST_MORE:
		/* Answers to what was pipelined leave together, here. */
		if (exchange->out->len > 0)
			return step_flush_then(conn, CONN_HEAD);
		return step_recv(conn);
	case REQUEST_DONE: return step_begin_body(conn);
	case REQUEST_REFUSED: break;
	}
	return step_refuse(conn, exchange->request.verdict);
}

static enum step_next
step_body(struct conn *conn)
{
	struct exchange *exchange = conn->exchange;

	switch (exchange_skip_body(exchange)) {
	case BODY_MORE: break;
	case BODY_DONE: return step_enter(conn, CONN_ANSWER);
	case BODY_REFUSED: return step_refuse(conn, exchange->body.verdict);
	}
	if (exchange->out->len > 0)
		return step_flush_then(conn, CONN_BODY);
	return step_recv(conn);
}

static bool
step_keeps(const struct conn *conn)
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
	       conn->engine->clock.mono_ms < conn->old_ms &&
	       (limits->requests == 0 || conn->nrequests < limits->requests);
}

/* Asks about the password of the request at hand, which serve has. */
static enum step_next
step_ask(struct conn *conn)
{
	struct exchange *exchange = conn->exchange;

	if (!verify_ask(conn->engine, exchange))
		return step_enter(conn, CONN_ANSWER);
	return step_enter(conn, CONN_VERIFY);
}

static enum step_next
step_verify(struct conn *conn)
{
	if (conn->exchange->waits)
		return STEP_WAIT;
	return step_enter(conn, CONN_ANSWER);
}

void
step_give_up_verdict(struct conn *conn)
{
	verify_forget(conn->exchange);
	conn->exchange->ruling.outcome = AUTH_BUSY;
	(void)step_enter(conn, CONN_ANSWER);
}

static enum step_next
step_answer(struct conn *conn)
{
	struct exchange *exchange = conn->exchange;
	bool keep;

	conn->nrequests++;
	keep = step_keeps(conn);
	switch (answer_write(conn->engine, exchange, keep)) {
	case ANSWER_WRITTEN: break;
	case ANSWER_FLUSH:
		conn->nrequests--;
		return step_flush_then(conn, CONN_ANSWER);
	case ANSWER_WAITS:
		conn->nrequests--;
		return errand_is_due(&exchange->asker) ? disk_wait(conn)
						       : step_ask(conn);
	}
	keep = exchange->keep; /* the answer may need the end of it */
	if (exchange->reply.verdict != VERDICT_OK)
		step_log_refusal(conn, exchange->reply.verdict);
	/* Answers to pipelined requests leave with the last one of them. */
	if (!keep || !answer_is_done(exchange) || !exchange_has_more(exchange))
		return step_flush_then(conn, CONN_FILE);
	sending_finish(conn, false);
	return step_enter(conn, CONN_HEAD);
}

static enum step_next
step_idle(struct conn *conn)
{
	enum step_next next;

	if (engine_is_crowded(conn->engine) && !conn->admin &&
	    !shortage_admit(conn, &next))
		return next;
	conn->exchange =
	    exchange_get(conn->engine, &conn->peer, &conn->client, conn->admin);
	if (conn->exchange != NULL) {
		conn->exchange->conn = conn;
		return step_enter(conn, conn->proxy ? CONN_PROXY : CONN_HEAD);
	}
	if (engine_may_log(conn->engine, RATION_CLOSED, LOG_LEVEL_ERROR))
		log_error("closed a connection: no memory for its buffers");
	return step_enter(conn, CONN_CLOSED);
}

enum step_next
step_take(struct conn *conn)
{
	switch (conn->state) {
	case CONN_IDLE: return step_idle(conn);
	case CONN_PROXY: return step_proxy(conn);
	case CONN_HEAD: return step_head(conn);
	case CONN_BODY: return step_body(conn);
	case CONN_ANSWER: return step_answer(conn);
	case CONN_VERIFY: return step_verify(conn);
	case CONN_DISK: return disk_step(conn);
	case CONN_FLUSH: return sending_flush(conn);
	case CONN_FILE: return sending_file(conn);
	case CONN_PACE: return sending_pace(conn);
	case CONN_LINGER:
	case CONN_CLOSED: break;
	}
	return sending_linger(conn);
}
