/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/shed.h"

#include <errno.h>

#include "worker/exchange.h"
#include "worker/sending.h"

/*
 * A request is whole after a round trip or two.  Who needs longer is slow, or
 * holds the place on purpose, and others wait.
 */
#define SHED_REQUEST_MS 2000

/* For so long a client may take less of an answer than it has to. */
#define SHED_SEND_MS 1000

/* Clients that are looked at: behind so many that take enough are others. */
#define SHED_LOOKS 64

/* Who waits for the same as deadline, or who follows; NULL: nobody. */
static struct conn *
shed_skip_admin(struct deadline *deadline)
{
	while (deadline != NULL && conn_of_deadline(deadline)->admin)
		deadline = deadline_next(deadline);
	return deadline == NULL ? NULL : conn_of_deadline(deadline);
}

/* Who has waited longest for kind; NULL: nobody. */
static struct conn *
shed_find(const struct engine *engine, enum deadline_kind kind)
{
	return shed_skip_admin(deadline_oldest(&engine->deadlines, kind));
}

bool
shed_idle(struct engine *engine)
{
	struct conn *conn = shed_find(engine, DEADLINE_KEEPALIVE);

	if (conn == NULL)
		return false;
	conn_close(conn);
	return true;
}

bool
shed_for_conn(struct engine *engine)
{
	static const enum deadline_kind kinds[] = { DEADLINE_FIRST_BYTE,
		DEADLINE_HEAD, DEADLINE_BODY };
	int64_t before_ms = engine->clock.mono_ms - SHED_REQUEST_MS + 1;
	struct conn *slowest = NULL;

	if (shed_idle(engine))
		return true;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct conn *conn = shed_find(engine, kinds[i]);
		int64_t began_ms;

		if (conn == NULL)
			continue;
		began_ms =
		    deadline_began_ms(&engine->deadlines, &conn->deadline);
		if (began_ms >= before_ms)
			continue;
		before_ms = began_ms;
		slowest = conn;
	}
	if (slowest == NULL)
		return false;
	engine->counters->timeouts++;
	conn_close(slowest);
	return true;
}

/* A client that takes too little of an answer; NULL: there is none. */
static struct conn *
shed_find_stuck(const struct engine *engine)
{
	const int64_t now_ms = engine->clock.mono_ms;
	struct conn *conn = shed_find(engine, DEADLINE_SEND);

	for (unsigned i = 0; conn != NULL && i < SHED_LOOKS; i++) {
		if (now_ms - conn->exchange->uptake.since_ms >= SHED_SEND_MS &&
		    !conn_takes_enough(conn))
			return conn;
		conn = shed_skip_admin(deadline_next(&conn->deadline));
	}
	return NULL;
}

bool
shed_for_buffers(struct engine *engine)
{
	struct conn *conn = shed_find(engine, DEADLINE_HEAD);

	if (conn == NULL)
		conn = shed_find(engine, DEADLINE_BODY);
	if (conn != NULL) {
		conn_close(conn);
		return true;
	}
	conn = shed_find_stuck(engine);
	if (conn == NULL)
		return false;
	errno = ETIMEDOUT;
	(void)sending_abort(conn);
	conn_close(conn);
	return true;
}
