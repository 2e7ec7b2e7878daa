/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/decide.h"

#include "http/forwarded.h"

/* Gives the request a name, unless the client did and may. */
static void
decide_name(struct engine *engine, struct exchange *exchange)
{
	const struct request *request = &exchange->request;
	struct span name = { 0 };

	if (engine->conf->server.request_id == CONF_REQUEST_ID_ACCEPT &&
	    request->verdict == VERDICT_OK)
		name = request_find_value(request, SPAN("X-Request-Id"));
	if (requestid_is_fit(name)) {
		exchange->request_id = name;
		return;
	}
	requestid_draw(&engine->requestid, exchange->own_id);
	exchange->request_id = (struct span){ exchange->own_id, REQUESTID_LEN };
}

/* Leaves the request out of the log while its decoded path is at hand. */
static bool
decide_skips_log(const struct engine *engine)
{
	const struct serve *serve = &engine->serve;

	return serve->decoded_len > 0 &&
	       logfilter_skips_path(
		   &journal_of(engine, serve->site)->access.filter,
		   (struct span){ serve->path, serve->decoded_len });
}

/* Finds whom a proxy asks for, once. */
static void
decide_find_client(const struct engine *engine, struct exchange *exchange)
{
	const struct conf_server *server = &engine->conf->server;

	if (server->client_address == CONF_CLIENT_PEER || exchange->admin ||
	    exchange->client != exchange->sender)
		return;
	exchange->forwarded = *exchange->sender;
	exchange->client = &exchange->forwarded;
	if (forwarded_follow(&exchange->request, &server->trusted,
		&exchange->forwarded) == -1)
		exchange->counters->forwarded_bad++;
}

/* The name of who asks lies in serve, and is needed when all is sent. */
static void
decide_keep_subject(const struct auth *auth, struct exchange *exchange)
{
	exchange->guarded = true;
	exchange->subject = (struct span){ 0 };
	if (auth->subject.len == 0)
		return;
	memcpy(exchange->subject_text, auth->subject.ptr, auth->subject.len);
	exchange->subject =
	    (struct span){ exchange->subject_text, auth->subject.len };
}

void
decide_prepare(struct engine *engine, struct exchange *exchange)
{
	const struct request *request = &exchange->request;

	if (engine->conf->server.trusted_proxies.nitems > 0)
		decide_find_client(engine, exchange);
	if (engine->conf->server.request_id != CONF_REQUEST_ID_OFF)
		decide_name(engine, exchange);
	/*
	 * Bytes left unread at close(2) would make it a reset.  A client that
	 * did not ask for the end, or does not heed it itself, may have sent
	 * more, or be about to.
	 */
	exchange->linger = exchange->may_read || request->keep_alive ||
			   request->expect_continue ||
			   request->verdict != VERDICT_OK ||
			   exchange_has_more(exchange);
}

/* Takes an answer back that a limit of its path does not allow now. */
static bool
decide_must_refuse(struct engine *engine, struct exchange *exchange)
{
	if (!quota_ask_sections(engine, exchange))
		return false;
	serve_release(&engine->serve, &exchange->reply);
	return true;
}

/* Asks serve; false: that must wait. */
static bool
decide_by_serve(struct engine *engine, struct exchange *exchange)
{
	struct errand_asker *asker = &exchange->asker;
	struct reply *reply = &exchange->reply;
	struct auth *auth = &engine->serve.auth;
	const bool guarded = auth_is_on(auth);

	if (engine->quota.on)
		quota_ask(engine, exchange);
	if (guarded)
		auth->ruling = exchange->ruling;
	engine->errands.asker = asker;
	do {
		serve_request(&engine->serve, &exchange->request,
		    exchange->client, &engine->clock, reply);
		if (errand_is_due(asker))
			return false;
	} while (engine->quota.on && decide_must_refuse(engine, exchange));
	if (asker->nheld > 0 || asker->late) {
		/* It was decided more than once. */
		if (reply->lookup == FILECACHE_HIT)
			reply->lookup = FILECACHE_MISS;
		errand_settle(&engine->errands, asker);
	}
	if (guarded)
		decide_keep_subject(auth, exchange);
	if (engine->journals.skip_paths)
		exchange->skipped = decide_skips_log(engine);
	return !guarded || auth->outcome != AUTH_WAITS;
}

bool
decide_reply(struct engine *engine, struct exchange *exchange)
{
	const struct request *request = &exchange->request;
	struct reply *reply = &exchange->reply;

	exchange->quiet = exchange->admin;
	exchange->skipped = false;
	if (request->verdict != VERDICT_OK) {
		reply_set_status(reply, verdict_status(request->verdict));
	} else if (exchange->admin) {
		admin_answer(&engine->admin, request, exchange->peer,
		    &engine->clock, reply, &exchange->page);
	} else if (engine->conf->server.health && admin_is_probe(request)) {
		exchange->quiet = true;
		admin_answer_probe(&engine->admin, request, reply);
	} else {
		return decide_by_serve(engine, exchange);
	}
	return true;
}
