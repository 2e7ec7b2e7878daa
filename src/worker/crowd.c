/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/crowd.h"

#include "os/fdpass.h"
#include "status/tally.h"
#include "worker/conn.h"
#include "worker/shed.h"

/* Under which a client is known for its connections. */
#define CROWD_PURPOSE 0

void
crowd_init(struct engine *engine)
{
	const struct worker_args *args = engine->args;
	const struct conf_limits *limits = &engine->conf->limits;
	struct crowd *crowd = &engine->crowd;

	if (limits->client_connections == 0 && limits->total_connections == 0)
		return;
	crowd->on = true;
	crowd->own = tally_begin(
	    args->ledger, (unsigned)(args->counters - args->board->counters));
}

bool
crowd_is_exempt(const struct conf *conf, const struct address *client)
{
	return client->family == AF_UNIX ||
	       (conf->limits.client_exempt.nitems > 0 &&
		   cidr_set_find(&conf->limits.exempt, client) != NULL) ||
	       (conf->server.trusted_proxies.nitems > 0 &&
		   cidr_set_find(&conf->server.trusted, client) != NULL);
}

/* Says who is turned away, or would be, and what the operator can do. */
static void
crowd_log(const struct conn *conn, enum verdict verdict)
{
	struct engine *engine = conn->engine;
	char client[ADDRESS_TEXT];

	if (!engine_may_log(engine, RATION_LIMITS, LOG_LEVEL_NOTICE))
		return;
	(void)address_format(&conn->client, client);
	log_notice("%s %s from %s: %s; %s",
	    engine->conf->limits.dry_run ? "limits.dry_run: would have refused"
					 : "refused",
	    verdict_name(verdict), client, verdict_text(verdict),
	    verdict == VERDICT_CLIENT_CONNECTIONS
		? "if it may have more, raise that or name it in "
		  "limits.client_exempt"
		: "raise that, or lower timeouts.keepalive and "
		  "timeouts.first_byte");
}

/* What becomes of somebody who is too much. */
static enum verdict
crowd_refuse(struct conn *conn, enum verdict verdict)
{
	crowd_log(conn, verdict);
	if (!conn->engine->conf->limits.dry_run)
		return verdict;
	conn->engine->counters->limits_dry++;
	return VERDICT_OK;
}

enum verdict
crowd_meet(struct conn *conn)
{
	struct engine *engine = conn->engine;
	const struct ledger *ledger = engine->args->ledger;
	uint64_t most = engine->conf->limits.client_connections;
	enum verdict verdict;
	uint64_t key;

	if (most == 0 || crowd_is_exempt(engine->conf, &conn->client))
		return VERDICT_OK;
	key = ledger_key(ledger, &conn->client, CROWD_PURPOSE);
	conn->tally_slot = tally_add(ledger, engine->crowd.own, key);
	if (conn->tally_slot == 0) {
		engine->counters->clients_untracked++;
		return VERDICT_OK;
	}
	/* Of two who come at once as the last both may be turned away. */
	if (tally_sum(ledger, engine->args->board, key) <= most)
		return VERDICT_OK;
	verdict = crowd_refuse(conn, VERDICT_CLIENT_CONNECTIONS);
	if (verdict != VERDICT_OK)
		crowd_leave(conn);
	return verdict;
}

void
crowd_leave(struct conn *conn)
{
	tally_remove(conn->engine->crowd.own, conn->tally_slot);
	conn->tally_slot = 0;
}

enum verdict
crowd_make_room(struct conn *conn)
{
	struct engine *engine = conn->engine;
	const struct worker_args *args = engine->args;
	uint64_t most = engine->conf->limits.total_connections;

	if (most == 0 || tally_sum_open(args->board) <= most)
		return VERDICT_OK;
	if (engine->conf->limits.dry_run)
		return crowd_refuse(conn, VERDICT_TOTAL_CONNECTIONS);
	/* Our own at once; that of another a moment later. */
	if (shed_idle(engine)) {
		engine->counters->conns_shed++;
		return VERDICT_OK;
	}
	if (args->control_fd != -1 &&
	    tally_want(args->ledger, args->board, engine->crowd.own) &&
	    fdpass_send(args->control_fd, WORKER_SHED, NULL, 0) == 0)
		return VERDICT_OK;
	return crowd_refuse(conn, VERDICT_TOTAL_CONNECTIONS);
}

void
crowd_turn_away(struct conn *conn, enum verdict verdict)
{
	conn->engine->counters->verdicts[verdict]++;
	turnaway_send_last(conn->engine, conn->fd);
}

void
crowd_tell_idle(struct engine *engine)
{
	const struct deadlines *deadlines = &engine->deadlines;
	const struct deadline *oldest =
	    deadline_oldest(deadlines, DEADLINE_KEEPALIVE);
	int64_t idle_ms = 0;

	if (oldest != NULL)
		idle_ms =
		    oldest->at_ms - deadlines->wait_ms[DEADLINE_KEEPALIVE];
	__atomic_store_n(
	    &engine->crowd.own->idle_ms, idle_ms, __ATOMIC_RELAXED);
}

void
crowd_shed(struct engine *engine)
{
	uint32_t n = engine->crowd.own == NULL
			 ? 0
			 : tally_take_wanted(engine->crowd.own);

	while (n-- > 0 && shed_idle(engine))
		engine->counters->conns_shed++;
}
