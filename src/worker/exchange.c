/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/exchange.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

#include "core/escape.h"
#include "os/sendfile.h"

/* Most bytes of a file a wake-up: other connections must have their turn. */
#define EXCHANGE_SLICE_BYTES (1024 * 1024)

struct exchange *
exchange_get(struct engine *engine)
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
	exchange->nrecvs = 0;
	exchange->reply.file = NULL;
	request_init(&exchange->request);
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
	serve_release(&engine->serve, &exchange->reply);
	if (exchange->in != NULL)
		bufpool_put(&engine->bufs, &exchange->in);
	if (exchange->out != NULL)
		bufpool_put(&engine->bufs, &exchange->out);
	slab_put(&engine->exchanges, exchange);
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
		n = recv(fd, in->data + in->len, room, 0);
	while (n == -1 && errno == EINTR);
	if (n > 0) {
		in->len += (size_t)n;
		/* Less than asked for: the socket is empty, do not ask again.
		 */
		exchange->may_read = (size_t)n == room;
		return EXCHANGE_DONE;
	}
	exchange->may_read = false;
	return n == -1 && errno == EAGAIN ? EXCHANGE_WAIT : EXCHANGE_CLOSED;
}

enum request_result
exchange_parse(struct engine *engine, struct exchange *exchange)
{
	struct buf *in = exchange->in;
	struct request *request = &exchange->request;
	enum request_result result;

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

void
exchange_begin_body(struct engine *engine, struct exchange *exchange)
{
	/*
	 * A body is read into the room behind the head, so there must be
	 * some.  The spans move with the head: parse it again.
	 */
	if (exchange->start > 0) {
		exchange_compact(exchange);
		request_init(&exchange->request);
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

/* Copies as much of a small body as one read gives; the rest is for sendfile.
 */
static void
exchange_copy_file(struct exchange *exchange)
{
	struct reply *reply = &exchange->reply;
	struct buf *out = exchange->out;
	ssize_t n;

	if (reply->response.length > out->cap - out->len)
		return;
	n = pread(reply->file->fd, out->data + out->len,
	    (size_t)reply->response.length, (off_t)reply->offset);
	if (n <= 0)
		return;
	out->len += (size_t)n;
	exchange->sent = (uint64_t)n;
}

static bool
exchange_write_reply(struct engine *engine, struct exchange *exchange)
{
	struct reply *reply = &exchange->reply;
	struct response *response = &reply->response;
	struct buf *out = exchange->out;

	if (exchange->keep)
		response->connection = exchange->request.minor == 0
					   ? RESPONSE_KEEP_ALIVE
					   : RESPONSE_PERSIST;
	else
		response->connection = RESPONSE_CLOSE;
	if (out->cap - out->len < RESPONSE_HEAD_BYTES + reply->page.len ||
	    response_write_head(out, response, &engine->common) == -1)
		return false;
	exchange->sent = 0;
	if (exchange->request.method == METHOD_HEAD || !response->has_length)
		return true;
	if (reply->page.ptr != NULL) {
		assert(reply->page.len <= out->cap - out->len);
		memcpy(out->data + out->len, reply->page.ptr, reply->page.len);
		out->len += reply->page.len;
		exchange->sent = reply->page.len;
	} else {
		exchange_copy_file(exchange);
	}
	return true;
}

/* Says why a file could not be served, with what the operator can check. */
static void
exchange_log_error(struct engine *engine, const struct exchange *exchange)
{
	const struct reply *reply = &exchange->reply;
	char path[512];
	size_t len;

	if (reply->error == 0 || !engine_may_log(engine))
		return;
	len = escape_log(path, sizeof(path), exchange->request.path);
	log_warn("answered %d to \"%.*s\": %s%s", reply->response.status,
	    (int)len, path, strerror(reply->error),
	    reply->error == EACCES
		? ": may the worker's user read the file and enter its folders?"
		: "");
}

bool
exchange_answer(struct engine *engine, struct exchange *exchange, bool keep)
{
	const struct request *request = &exchange->request;
	struct reply *reply = &exchange->reply;

	exchange->keep = keep;
	/* Bytes left unread at close(2) would make it a reset. */
	exchange->linger = exchange->may_read || request->expect_continue ||
			   request->verdict != VERDICT_OK;
	if (request->verdict != VERDICT_OK)
		serve_status(reply, verdict_status(request->verdict));
	else
		serve_request(
		    &engine->serve, request, engine->clock.wall_s, reply);
	if (exchange_write_reply(engine, exchange)) {
		exchange_log_error(engine, exchange);
		return true;
	}
	serve_release(&engine->serve, reply);
	if (exchange->out->len > 0)
		return false;
	/* Only a Location can be too long for an empty buffer. */
	serve_status(reply, 414);
	return exchange_write_reply(engine, exchange);
}

uint64_t
exchange_left(const struct exchange *exchange)
{
	const struct reply *reply = &exchange->reply;

	if (exchange->request.method == METHOD_HEAD ||
	    !reply->response.has_length)
		return 0;
	return reply->response.length - exchange->sent;
}

enum exchange_io
exchange_flush(
    struct engine *engine, struct exchange *exchange, int fd, bool more)
{
	struct buf *out = exchange->out;

	while (out->pos < out->len) {
		ssize_t n = send(fd, out->data + out->pos, out->len - out->pos,
		    MSG_NOSIGNAL | (more ? MSG_MORE : 0));

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return errno == EAGAIN ? EXCHANGE_WAIT
					       : EXCHANGE_CLOSED;
		out->pos += (size_t)n;
		engine->counters->bytes_sent += (uint64_t)n;
	}
	out->pos = 0;
	out->len = 0;
	return EXCHANGE_DONE;
}

enum exchange_io
exchange_send_file(struct engine *engine, struct exchange *exchange, int fd)
{
	struct reply *reply = &exchange->reply;
	uint64_t left = exchange_left(exchange);
	uint64_t offset = reply->offset + exchange->sent;
	ssize_t n;

	if (left > EXCHANGE_SLICE_BYTES)
		left = EXCHANGE_SLICE_BYTES;
	do
		n = sendfile_slice(fd, reply->file->fd, &offset, (size_t)left);
	while (n == -1 && errno == EINTR);
	if (n > 0) {
		exchange->sent += (uint64_t)n;
		engine->counters->bytes_sent += (uint64_t)n;
		return EXCHANGE_DONE;
	}
	if (n == -1 && errno == EAGAIN)
		return EXCHANGE_WAIT;
	if (n == 0)
		errno = ENODATA;
	return EXCHANGE_CLOSED;
}

void
exchange_finish(struct engine *engine, struct exchange *exchange,
    const struct sock_peer *peer)
{
	struct reply *reply = &exchange->reply;
	const struct access_entry entry = {
		.peer = peer,
		.request = &exchange->request,
		.status = reply->response.status,
		.body_bytes = exchange->sent,
	};

	engine->counters->requests++;
	engine->counters->status[reply->response.status / 100]++;
	engine_log_access(engine, &entry);
	serve_release(&engine->serve, reply);
	exchange->start = exchange->next;
	if (exchange_is_idle(exchange)) {
		exchange->start = exchange->next = 0;
		exchange->in->len = 0;
	}
	request_init(&exchange->request);
}
