/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/exchange.h"

#include <assert.h>
#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/escape.h"
#include "os/sendfile.h"

/* Most bytes of a file a wake-up: other connections must have their turn. */
#define EXCHANGE_SLICE_BYTES (1024 * 1024)

/* Gives back the reply; nothing is to be sent then. */
static void
exchange_release(struct engine *engine, struct exchange *exchange)
{
	serve_release(&engine->serve, &exchange->reply);
	exchange->reply.length = 0;
	exchange->reply.nranges = 0;
	exchange->done = 0;
}

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
	exchange_release(engine, exchange);
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
		/* Less than asked for: the socket is empty. */
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

	if (exchange->fresh) {
		request_init(request);
		exchange->fresh = false;
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

uint64_t
exchange_left(const struct exchange *exchange)
{
	return exchange->request.method == METHOD_HEAD
		   ? 0
		   : exchange->reply.length - exchange->done;
}

bool
exchange_is_done(const struct exchange *exchange)
{
	const struct reply *reply = &exchange->reply;

	return exchange_left(exchange) == 0 &&
	       (reply->nranges == 0 || exchange->nwritten > reply->nranges ||
		   exchange->request.method == METHOD_HEAD);
}

/* Where the body is when it is in memory; NULL: in a file. */
static const char *
exchange_memory(const struct exchange *exchange)
{
	const struct reply *reply = &exchange->reply;

	if (reply->page.ptr != NULL)
		return reply->page.ptr;
	return reply->file->body == NULL ? NULL
					 : reply->file->body + reply->offset;
}

static void
exchange_hand_over(struct exchange *exchange, size_t len)
{
	exchange->done += len;
	exchange->body_bytes += len;
}

/* Copies the rest of the body, or its range at hand, if it fits whole. */
static void
exchange_copy(struct exchange *exchange)
{
	const struct reply *reply = &exchange->reply;
	struct buf *out = exchange->out;
	uint64_t left = exchange_left(exchange);
	const char *memory;
	ssize_t n;

	if (left == 0 || left > out->cap - out->len)
		return;
	memory = exchange_memory(exchange);
	if (memory != NULL) {
		memcpy(out->data + out->len, memory + exchange->done, left);
		n = (ssize_t)left;
	} else {
		n = pread(reply->file->fd, out->data + out->len, left,
		    (off_t)(reply->offset + exchange->done));
	}
	/* What a read does not give, sending the file will, or say why not. */
	if (n <= 0)
		return;
	out->len += (size_t)n;
	exchange_hand_over(exchange, (size_t)n);
}

/* Turns to the next range, or the end; false when out has no room for it. */
static bool
exchange_next_range(struct engine *engine, struct exchange *exchange)
{
	struct reply *reply = &exchange->reply;
	const struct multipart multipart =
	    serve_multipart(&engine->serve, reply);
	size_t before = exchange->out->len;
	unsigned at = exchange->nwritten;

	if (multipart_write(exchange->out, &multipart, reply->ranges,
		reply->nranges, at) == -1)
		return false;
	exchange->body_bytes += exchange->out->len - before;
	exchange->nwritten++;
	exchange->done = 0;
	reply->length = 0;
	if (at < reply->nranges) {
		reply->offset = reply->ranges[at].first;
		reply->length =
		    reply->ranges[at].last - reply->ranges[at].first + 1;
	}
	return true;
}

void
exchange_fill(struct engine *engine, struct exchange *exchange)
{
	for (;;) {
		exchange_copy(exchange);
		if (exchange_left(exchange) > 0 || exchange_is_done(exchange) ||
		    !exchange_next_range(engine, exchange))
			return;
	}
}

static bool
exchange_write_reply(struct engine *engine, struct exchange *exchange)
{
	struct response *response = &exchange->reply.response;

	if (exchange->keep)
		response->connection = exchange->request.minor == 0
					   ? RESPONSE_KEEP_ALIVE
					   : RESPONSE_PERSIST;
	else
		response->connection = RESPONSE_CLOSE;
	if (response_write_head(exchange->out, response, &engine->common) == -1)
		return false;
	exchange->nwritten = 0;
	exchange->done = 0;
	exchange->body_bytes = 0;
	exchange_fill(engine, exchange);
	return true;
}

/* Says why a file could not be served, with what the operator can check. */
static void
exchange_log_error(struct engine *engine, const struct exchange *exchange)
{
	const struct reply *reply = &exchange->reply;
	char path[512];
	size_t len;

	if (reply->error == 0 || !engine_may_log(engine, LOG_LEVEL_WARN))
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
	/*
	 * Bytes left unread at close(2) would make it a reset.  A client that
	 * did not ask for the end, or does not heed it itself, may have sent
	 * more, or be about to.
	 */
	exchange->linger = exchange->may_read || request->keep_alive ||
			   request->expect_continue ||
			   request->verdict != VERDICT_OK ||
			   exchange->next < exchange->in->len;
	if (request->verdict != VERDICT_OK)
		serve_status(reply, verdict_status(request->verdict));
	else
		serve_request(&engine->serve, request, &engine->clock, reply);
	if (exchange_write_reply(engine, exchange)) {
		exchange_log_error(engine, exchange);
		return true;
	}
	exchange_release(engine, exchange);
	if (exchange->out->len > 0)
		return false;
	/* Only a Location can be too long for an empty buffer. */
	serve_status(reply, 414);
	return exchange_write_reply(engine, exchange);
}

/* Sends out, and the body's rest with it when that is in memory. */
static ssize_t
exchange_send_out(const struct exchange *exchange, int fd)
{
	const struct buf *out = exchange->out;
	uint64_t left = exchange_left(exchange);
	const char *memory = left == 0 ? NULL : exchange_memory(exchange);
	/* iovec lacks const, and sendmsg only reads. */
	union {
		const char *in;
		void *out;
	} body = { .in = memory == NULL ? NULL : memory + exchange->done };
	struct iovec iov[2] = {
		{ exchange->out->data + out->pos, out->len - out->pos },
		{ body.out, left },
	};
	struct msghdr message = { .msg_iov = iov, .msg_iovlen = 2 };

	/* A file follows at once: its bytes fill the last segment. */
	if (memory == NULL)
		return send(fd, out->data + out->pos, out->len - out->pos,
		    MSG_NOSIGNAL | (exchange_is_done(exchange) ? 0 : MSG_MORE));
	return sendmsg(fd, &message, MSG_NOSIGNAL);
}

/* Accounts for n bytes that exchange_send_out() sent. */
static void
exchange_sent(struct engine *engine, struct exchange *exchange, size_t n)
{
	struct buf *out = exchange->out;
	size_t head = out->len - out->pos;

	engine->counters->bytes_sent += n;
	if (n < head) {
		out->pos += n;
		return;
	}
	out->pos = 0;
	out->len = 0;
	exchange_hand_over(exchange, n - head);
}

enum exchange_io
exchange_flush(struct engine *engine, struct exchange *exchange, int fd)
{
	while (exchange->out->len > 0) {
		ssize_t n = exchange_send_out(exchange, fd);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return errno == EAGAIN ? EXCHANGE_WAIT
					       : EXCHANGE_CLOSED;
		exchange_sent(engine, exchange, (size_t)n);
	}
	return EXCHANGE_DONE;
}

/* Sends up to len bytes from memory or file; as sendfile_slice() says. */
static ssize_t
exchange_send_slice(const struct exchange *exchange, int fd, size_t len)
{
	const struct reply *reply = &exchange->reply;
	const char *memory = exchange_memory(exchange);
	uint64_t offset = reply->offset + exchange->done;

	if (memory == NULL)
		return sendfile_slice(fd, reply->file->fd, &offset, len);
	return send(fd, memory + exchange->done, len, MSG_NOSIGNAL);
}

enum exchange_io
exchange_send_file(struct engine *engine, struct exchange *exchange, int fd)
{
	uint64_t left = exchange_left(exchange);
	ssize_t n;

	if (left > EXCHANGE_SLICE_BYTES)
		left = EXCHANGE_SLICE_BYTES;
	do
		n = exchange_send_slice(exchange, fd, left);
	while (n == -1 && errno == EINTR);
	if (n > 0) {
		exchange_hand_over(exchange, (size_t)n);
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
		.body_bytes = exchange->body_bytes,
	};

	engine->counters->requests++;
	engine->counters->status[reply->response.status / 100]++;
	engine_log_access(engine, &entry);
	exchange_release(engine, exchange);
	exchange->fresh = true;
	exchange->start = exchange->next;
	if (exchange_is_idle(exchange)) {
		exchange->start = exchange->next = 0;
		exchange->in->len = 0;
	}
}
