/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/exchange.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

void
exchange_release(struct engine *engine, struct exchange *exchange)
{
	serve_release(&engine->serve, &exchange->reply);
	if (exchange->page != NULL)
		admin_release(&engine->admin, &exchange->page);
	exchange->reply.length = 0;
	exchange->reply.nranges = 0;
	exchange->done = 0;
}

/* Whoever asks next is somebody else. */
static void
exchange_forget_subject(struct exchange *exchange)
{
	exchange->guarded = false;
	exchange->waits = false;
	exchange->nverified = 0;
	exchange->ruling.outcome = AUTH_OPEN;
	exchange->subject = (struct span){ 0 };
}

struct exchange *
exchange_get(struct engine *engine, const struct address *peer,
    const struct address *sender, bool admin)
{
	struct exchange *exchange = slab_get(&engine->exchanges);

	if (exchange == NULL)
		return NULL;
	exchange->in = bufpool_get(&engine->bufs);
	exchange->out = bufpool_get(&engine->bufs);
	exchange->start = 0;
	exchange->next = 0;
	exchange->may_read = true;
	exchange->keep = true;
	exchange->linger = false;
	exchange->answering = false;
	exchange->admin = admin;
	exchange->peer = peer;
	exchange->sender = sender;
	exchange->client = sender;
	exchange->counters = engine_counters(engine, admin);
	exchange->nrecvs = 0;
	exchange->nslices = 0;
	exchange->skipped = false;
	exchange->pace.rate = 0;
	exchange->uptake.since_ms = 0;
	exchange_forget_subject(exchange);
	exchange->asker.waits = NULL;
	exchange->asker.nheld = 0;
	exchange->asker.late = false;
	exchange->request_id = (struct span){ 0 };
	exchange->page = NULL;
	exchange->reply.file = NULL;
	exchange->reply.listing = NULL;
	exchange->reply.length = 0;
	exchange->reply.nranges = 0;
	exchange->done = 0;
	engine->counters->now.lent = engine->bufs.slab.nlent;
	exchange->fresh = true;
	if (exchange->in == NULL || exchange->out == NULL) {
		exchange_put(engine, &exchange);
		errno = ENOMEM;
		return NULL;
	}
	return exchange;
}

void
exchange_put(struct engine *engine, struct exchange **exchangep)
{
	struct exchange *exchange = *exchangep;

	*exchangep = NULL;
	verify_forget(exchange);
	errand_forget(&engine->errands, &exchange->asker);
	errand_settle(&engine->errands, &exchange->asker);
	serve_release(&engine->serve, &exchange->reply);
	if (exchange->page != NULL)
		admin_release(&engine->admin, &exchange->page);
	if (exchange->in != NULL)
		bufpool_put(&engine->bufs, &exchange->in);
	if (exchange->out != NULL)
		bufpool_put(&engine->bufs, &exchange->out);
	slab_put(&engine->exchanges, exchange);
	engine->counters->now.lent = engine->bufs.slab.nlent;
}

/* Moves the request at hand to the front of in; no span may point there. */
static void
exchange_compact(struct exchange *exchange)
{
	struct buf *in = exchange->in;

	if (exchange->start == 0)
		return;
	in->len -= exchange->start;
	memmove(in->data, in->data + exchange->start, in->len);
	exchange->next -= exchange->start;
	exchange->start = 0;
}

enum exchange_io
exchange_recv(struct exchange *exchange, int fd)
{
	struct buf *in = exchange->in;
	size_t room;
	ssize_t n;

	if (in->len == in->cap)
		exchange_compact(exchange);
	room = in->cap - in->len;
	/* in is larger than any head, and a body's bytes are passed over. */
	assert(room > 0);
	exchange->nrecvs++;
	do
		n = sock_recv(fd, in->data + in->len, room, 0);
	while (n == -1 && errno == EINTR);
	if (n > 0) {
		in->len += (size_t)n;
		/* Less than asked for: the socket is empty. */
		exchange->may_read = (size_t)n == room;
		return EXCHANGE_DONE;
	}
	exchange->may_read = false;
	return n == -1 && errno == EAGAIN ? EXCHANGE_WAIT : EXCHANGE_CLOSED;
}

enum proxy_result
exchange_take_proxy(struct exchange *exchange, struct proxy *proxy)
{
	struct buf *in = exchange->in;
	enum proxy_result result = proxy_parse(
	    proxy, in->data + exchange->start, in->len - exchange->start);

	if (result != PROXY_DONE)
		return result;
	exchange->start += proxy->len;
	exchange->next = exchange->start;
	return result;
}

enum request_result
exchange_parse(struct engine *engine, struct exchange *exchange)
{
	struct buf *in = exchange->in;
	struct request *request = &exchange->request;
	enum request_result result;

	if (exchange->fresh) {
		request_init(request);
		exchange->fresh = false;
		exchange->quota.asked = false;
		exchange->client = exchange->sender;
		exchange->began_us = engine->clock.mono_us;
	}
	result = request_feed(request, &engine->limits,
	    in->data + exchange->start, in->len - exchange->start);
	if (result == REQUEST_DONE)
		exchange->next = exchange->start + request->head_len;
	else
		exchange->next = in->len;
	return result;
}

bool
exchange_is_idle(const struct exchange *exchange)
{
	return exchange->start == exchange->in->len;
}

bool
exchange_has_more(const struct exchange *exchange)
{
	return exchange->next < exchange->in->len;
}

void
exchange_begin_body(struct engine *engine, struct exchange *exchange)
{
	/*
	 * A body is read into the room behind the head, so there must be
	 * some.  The spans move with the head: parse it again.
	 */
	if (exchange->start > 0) {
		exchange_compact(exchange);
		exchange->fresh = true;
		(void)exchange_parse(engine, exchange);
	}
	body_init(&exchange->body, &exchange->request,
	    engine->conf->limits.body_bytes);
}

enum body_result
exchange_skip_body(struct exchange *exchange)
{
	struct buf *in = exchange->in;
	enum body_result result;
	size_t used;

	result = body_feed(&exchange->body, in->data + exchange->next,
	    in->len - exchange->next, &used);
	if (result == BODY_DONE)
		exchange->next += used;
	else
		in->len = exchange->next; /* its room is for the next bytes */
	return result;
}

/*
 * An answer that waits in out for others is as good as sent; one that broke off
 * took until now.
 */
static void
exchange_take_time(struct exchange *exchange, bool aborted)
{
	struct counters *counters = exchange->counters;
	int64_t began_us = exchange->began_us;

	if (exchange->sent_us == 0 || aborted)
		exchange->sent_us = clock_now_us();
	if (exchange->first_us == 0 && !aborted)
		exchange->first_us = exchange->sent_us;
	histogram_add(&counters->latency, exchange->sent_us - began_us);
	if (exchange->first_us != 0)
		histogram_add(
		    &counters->first_byte, exchange->first_us - began_us);
}

static void
exchange_log(struct journal *journal, const struct exchange *exchange,
    const struct exchange_end *end)
{
	int64_t began_us = exchange->began_us;
	int64_t first_us = exchange->first_us;
	const struct logline_entry entry = {
		.peer = exchange->peer,
		.client = exchange->client,
		.request = &exchange->request,
		.reply = &exchange->reply,
		.request_id = exchange->request_id,
		.subject = exchange->subject,
		.head_bytes = exchange->head_bytes,
		.body_bytes = exchange->body_bytes,
		.took_us = exchange->sent_us - began_us,
		.first_us = first_us == 0 ? -1 : first_us - began_us,
		.nearlier = end->nrequests - 1,
		.fd = end->fd,
		.keep = exchange->keep,
		.aborted = end->aborted,
		.skipped = exchange->skipped,
	};

	journal_add(journal, &entry);
}

/* What cannot be read as a request has no method. */
static enum method
exchange_method(const struct exchange *exchange)
{
	return exchange->request.verdict == VERDICT_OK
		   ? exchange->request.method
		   : METHOD_OTHER;
}

void
exchange_finish(struct engine *engine, struct exchange *exchange,
    const struct exchange_end *end)
{
	const struct reply *reply = &exchange->reply;
	struct counters *counters = exchange->counters;
	struct journal *journal;
	int status = reply->response.status;

	if (!exchange->answering)
		return;
	exchange->answering = false;
	if (!exchange->quiet) {
		counters->requests++;
		counters->answers[exchange_method(exchange)][status / 100]++;
		if (reply->file != NULL)
			counters->codings[reply->file->coding]++;
		exchange_take_time(exchange, end->aborted);
		journal = journal_of(engine, reply->site);
		if (access_is_on(&journal->access))
			exchange_log(journal, exchange, end);
	}
	exchange_release(engine, exchange);
	if (exchange->guarded)
		exchange_forget_subject(exchange);
	exchange->fresh = true;
	exchange->start = exchange->next;
	if (exchange_is_idle(exchange)) {
		exchange->start = exchange->next = 0;
		exchange->in->len = 0;
	}
}
