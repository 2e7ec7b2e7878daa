/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/rehearse.h"

#include <errno.h>
#include <stdlib.h>

#include "worker/answer.h"
#include "worker/verifier.h"

/* As much of an engine as a request without a connection needs. */
static int
rehearse_init_engine(struct engine *engine, const struct conf *conf,
    struct maintenance *maintenance, struct counters *counters,
    const int *root_fds)
{
	const struct filecache_opts opts = {
		.nmissing = 1,
		.keep = TINED_POOL_KEEP,
	};

	*engine = (struct engine){
		.conf = conf,
		.counters = counters,
		.common.server = serve_name(conf),
		.limits = serve_limits(conf),
	};
	slab_init(&engine->exchanges, sizeof(struct exchange), TINED_POOL_KEEP);
	bufpool_init(&engine->bufs, engine_buf_bytes(conf), TINED_POOL_KEEP);
	engine_tick(engine);
	if (maintenance_open(maintenance, conf) == -1)
		return -1;
	engine->sites = sites_make(conf, root_fds);
	if (engine->sites == NULL)
		return -1;
	maintenance_tell(maintenance, engine->sites);
	if (serve_init(&engine->serve, engine->sites, conf->nsites, &opts,
		&conf->mime.map, counters) == -1)
		return -1;
	return serve_init_listings(&engine->serve, engine->sites, conf->nsites,
	    conf->limits.listing_bytes, 1);
}

/* Puts what has come into the buffer; more than it holds is too much. */
static void
rehearse_receive(struct exchange *exchange, struct span bytes)
{
	struct buf *in = exchange->in;

	in->len = bytes.len < in->cap ? bytes.len : in->cap;
	memcpy(in->data, bytes.ptr, in->len);
}

/* The verdict on a request that nothing more comes of. */
static enum verdict
rehearse_judge(struct engine *engine, struct exchange *exchange)
{
	switch (exchange_parse(engine, exchange)) {
	case REQUEST_MORE: return VERDICT_HEAD_TIMEOUT;
	case REQUEST_REFUSED: return exchange->request.verdict;
	case REQUEST_DONE: break;
	}
	return exchange->request.content_length >
		       engine->conf->limits.body_bytes
		   ? VERDICT_BODY_TOO_LARGE
		   : VERDICT_OK;
}

/* Compares the password in question with its hash, here and now. */
static void
rehearse_verify(struct engine *engine, struct exchange *exchange)
{
	const struct auth_question *question = &engine->serve.auth.question;

	memcpy(exchange->ruling.tag, question->tag, AUTHCACHE_TAG_BYTES);
	exchange->ruling.outcome =
	    verifier_judge(engine->conf, question) ? AUTH_KNOWN : AUTH_WRONG;
	auth_remember(&engine->serve.auth, question->tag,
	    exchange->ruling.outcome == AUTH_KNOWN, engine->clock.mono_ms);
}

/* Whether a connection would stay, if this is its first request. */
static bool
rehearse_keeps(const struct conf *conf, const struct request *request)
{
	return request->verdict == VERDICT_OK && request->keep_alive &&
	       !request->expect_continue && conf->timeouts.keepalive_ms > 0 &&
	       conf->limits.requests != 1;
}

static void
rehearse_answer(struct rehearsal *rehearsal)
{
	struct engine *engine = rehearsal->engine;
	struct exchange *exchange = rehearsal->exchange;
	struct request *request = &exchange->request;
	bool keep;
	const char *end;

	rehearsal->serve = &engine->serve;
	rehearsal->clock = &engine->clock;
	rehearsal->request = request;
	rehearsal->client = exchange->client;
	request->verdict = rehearse_judge(engine, exchange);
	if (request->verdict != VERDICT_OK &&
	    verdict_status(request->verdict) == 0)
		return;
	keep = rehearse_keeps(engine->conf, request);
	/* Into an empty buffer an answer always fits. */
	while (answer_write(engine, exchange, keep) == ANSWER_WAITS)
		rehearse_verify(engine, exchange);
	rehearsal->client = exchange->client;
	end = memmem(exchange->out->data, exchange->out->len, "\r\n\r\n", 4);
	rehearsal->reply = &exchange->reply;
	rehearsal->head = (struct span){ exchange->out->data,
		(size_t)(end + 4 - exchange->out->data) };
}

int
rehearse_open(struct rehearsal *rehearsal, const struct conf *conf,
    const int *root_fds, const struct address *from, struct span bytes)
{
	struct counters *counters = calloc(1, sizeof(*counters));
	struct engine *engine = calloc(1, sizeof(*engine));

	*rehearsal = (struct rehearsal){ .engine = engine };
	if (engine == NULL || counters == NULL) {
		free(engine);
		free(counters);
		errno = ENOMEM;
		return -1;
	}
	if (rehearse_init_engine(
		engine, conf, &rehearsal->maintenance, counters, root_fds) == 0)
		rehearsal->exchange = exchange_get(engine, from, from, false);
	if (rehearsal->exchange == NULL) {
		rehearse_close(rehearsal);
		errno = ENOMEM;
		return -1;
	}
	rehearse_receive(rehearsal->exchange, bytes);
	rehearse_answer(rehearsal);
	return 0;
}

void
rehearse_close(struct rehearsal *rehearsal)
{
	struct engine *engine = rehearsal->engine;

	if (rehearsal->exchange != NULL)
		exchange_put(engine, &rehearsal->exchange);
	/* There are sites before there is what serves them. */
	if (engine->sites != NULL)
		serve_fini(&engine->serve);
	bufpool_fini(&engine->bufs);
	slab_fini(&engine->exchanges);
	sites_free(&engine->sites, engine->conf->nsites);
	maintenance_close(&rehearsal->maintenance);
	free(engine->counters);
	free(engine);
	*rehearsal = (struct rehearsal){ 0 };
}
