/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/answer.h"

#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

#include "http/chunk.h"
#include "os/sendfile.h"
#include "worker/complain.h"
#include "worker/decide.h"
#include "worker/disk.h"

/*
 * Most bytes of a file a wake-up: other connections must have their turn.  Of
 * what was measured from 128 KiB to 2 MiB it costs the least CPU a byte.
 */
#define ANSWER_SLICE_BYTES (640 * 1024)

uint64_t
answer_left(const struct exchange *exchange)
{
	return exchange->request.method == METHOD_HEAD
		   ? 0
		   : exchange->reply.length - exchange->done;
}

size_t
answer_slice(const struct exchange *exchange)
{
	uint64_t left = pace_cut(&exchange->pace, answer_left(exchange));

	return left < ANSWER_SLICE_BYTES ? (size_t)left : ANSWER_SLICE_BYTES;
}

bool
answer_is_done(const struct exchange *exchange)
{
	const struct reply *reply = &exchange->reply;

	if (reply->listing != NULL)
		return listing_is_done(reply->listing);
	return answer_left(exchange) == 0 &&
	       (reply->nranges == 0 || exchange->nwritten > reply->nranges ||
		   exchange->request.method == METHOD_HEAD);
}

/* Where the body is when it is in memory; NULL: in a file. */
static const char *
answer_memory(const struct exchange *exchange)
{
	const struct reply *reply = &exchange->reply;

	if (reply->page.ptr != NULL)
		return reply->page.ptr;
	return reply->file->body == NULL ? NULL
					 : reply->file->body + reply->offset;
}

bool
answer_is_in_file(const struct exchange *exchange)
{
	return answer_memory(exchange) == NULL;
}

void
answer_hand_over(struct exchange *exchange, size_t len)
{
	exchange->done += len;
	exchange->body_bytes += len;
	pace_spend(&exchange->pace, len);
}

/*
 * Copies the rest of the body, or its range at hand, if all of it fits and may
 * go now.
 */
static void
answer_copy(const struct engine *engine, struct exchange *exchange)
{
	const struct reply *reply = &exchange->reply;
	struct buf *out = exchange->out;
	uint64_t left = answer_left(exchange);
	const char *memory;
	ssize_t n;

	if (left == 0 || left > out->cap - out->len ||
	    left > pace_cut(&exchange->pace, left))
		return;
	memory = answer_memory(exchange);
	if (memory != NULL) {
		memcpy(out->data + out->len, memory + exchange->done, left);
		n = (ssize_t)left;
	} else {
		n = disk_copy(engine, reply->file, out->data + out->len,
		    reply->offset + exchange->done, left);
	}
	/* What a read does not give, sending the file will, or say why not. */
	if (n <= 0)
		return;
	out->len += (size_t)n;
	answer_hand_over(exchange, (size_t)n);
}

/* Turns to the next range, or the end; false when out has no room for it. */
static bool
answer_next_range(struct engine *engine, struct exchange *exchange)
{
	struct reply *reply = &exchange->reply;
	const struct multipart multipart =
	    represent_multipart(&engine->serve.represent, reply);
	size_t before = exchange->out->len;
	unsigned at = exchange->nwritten;

	if (multipart_write(exchange->out, &multipart, reply->ranges,
		reply->nranges, at) == -1)
		return false;
	exchange->body_bytes += exchange->out->len - before;
	pace_spend(&exchange->pace, exchange->out->len - before);
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

/* Lets a listing go on; only HTTP/1.1 has chunks (RFC 9112 7.1). */
static void
answer_list(struct exchange *exchange)
{
	struct listing *listing = exchange->reply.listing;
	struct buf *out = exchange->out;
	size_t before = out->len, len;

	if (exchange->reply.response.chunked) {
		len = listing_write(listing, chunk_at(out), chunk_room(out));
		chunk_add(out, len, listing_is_done(listing));
	} else {
		out->len += listing_write(
		    listing, out->data + out->len, out->cap - out->len);
	}
	exchange->body_bytes += out->len - before;
	pace_spend(&exchange->pace, out->len - before);
}

void
answer_fill(struct engine *engine, struct exchange *exchange)
{
	if (exchange->reply.listing != NULL) {
		engine->serve.listings.now_ms = engine->clock.mono_ms;
		if (!disk_list_is_due(engine, exchange->reply.listing))
			answer_list(exchange);
		return;
	}
	for (;;) {
		answer_copy(engine, exchange);
		if (answer_left(exchange) > 0 || answer_is_done(exchange) ||
		    !answer_next_range(engine, exchange))
			return;
	}
}

static bool
answer_write_reply(struct engine *engine, struct exchange *exchange)
{
	struct response *response = &exchange->reply.response;
	size_t before = exchange->out->len;

	/* Without chunks the end of the connection is that of the body. */
	if (response->chunked && exchange->request.minor == 0)
		response->chunked = exchange->keep = false;
	if (exchange->keep)
		response->connection = exchange->request.minor == 0
					   ? RESPONSE_KEEP_ALIVE
					   : RESPONSE_PERSIST;
	else
		response->connection = RESPONSE_CLOSE;
	response->request_id = exchange->request_id;
	if (response_write_head(exchange->out, response, &engine->common) == -1)
		return false;
	exchange->head_bytes = exchange->out->len - before;
	exchange->nwritten = 0;
	exchange->done = 0;
	exchange->body_bytes = 0;
	exchange->first_us = exchange->sent_us = 0;
	exchange->answering = true;
	exchange->pace.rate = 0;
	if (exchange->reply.pace != NULL)
		pace_begin(&exchange->pace, exchange->reply.pace,
		    engine->clock.mono_us);
	/* What a listing writes may have to wait, which the head must not. */
	if (exchange->pace.rate == 0 || exchange->reply.listing == NULL)
		answer_fill(engine, exchange);
	return true;
}

enum answer_result
answer_write(struct engine *engine, struct exchange *exchange, bool keep)
{
	struct reply *reply = &exchange->reply;
	const struct site *site;

	exchange->keep = keep;
	decide_prepare(engine, exchange);
	if (!decide_reply(engine, exchange)) {
		exchange_release(engine, exchange);
		return exchange->out->len > 0 ? ANSWER_FLUSH : ANSWER_WAITS;
	}
	if (answer_write_reply(engine, exchange)) {
		complain_of_answer(engine, exchange);
		return ANSWER_WRITTEN;
	}
	exchange_release(engine, exchange);
	if (exchange->out->len > 0)
		return ANSWER_FLUSH;
	/* Only a Location can be too long for an empty buffer. */
	site = reply->site;
	reply_set_status(reply, 414);
	reply->site = site; /* whose log hears of it */
	(void)answer_write_reply(engine, exchange);
	return ANSWER_WRITTEN;
}

/* Sends out, and the body's rest with it when that is in memory. */
static ssize_t
answer_send_out(const struct exchange *exchange, int fd)
{
	const struct buf *out = exchange->out;
	uint64_t left = pace_cut(&exchange->pace, answer_left(exchange));
	const char *memory = left == 0 ? NULL : answer_memory(exchange);
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
		return sock_send(fd, out->data + out->pos, out->len - out->pos,
		    MSG_NOSIGNAL |
			(answer_is_done(exchange) || exchange->pace.rate != 0
				? 0
				: MSG_MORE));
	return sock_sendmsg(fd, &message, MSG_NOSIGNAL);
}

/* Accounts for n bytes that were sent. */
static void
answer_count(struct exchange *exchange, size_t n)
{
	exchange->counters->bytes_sent += n;
	exchange->uptake.handed += n;
	exchange->sent_us = clock_now_us();
	if (exchange->first_us == 0)
		exchange->first_us = exchange->sent_us;
}

/* The same for what answer_send_out() sent. */
static void
answer_sent(struct exchange *exchange, size_t n)
{
	struct buf *out = exchange->out;
	size_t head = out->len - out->pos;

	answer_count(exchange, n);
	if (n < head) {
		out->pos += n;
		return;
	}
	out->pos = 0;
	out->len = 0;
	answer_hand_over(exchange, n - head);
}

enum exchange_io
answer_flush(struct exchange *exchange, int fd)
{
	while (exchange->out->len > 0) {
		ssize_t n = answer_send_out(exchange, fd);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return errno == EAGAIN ? EXCHANGE_WAIT
					       : EXCHANGE_CLOSED;
		answer_sent(exchange, (size_t)n);
	}
	return EXCHANGE_DONE;
}

/* Sends up to len bytes from memory or file; as sendfile_slice() says. */
static ssize_t
answer_send_slice(const struct exchange *exchange, int fd, size_t len)
{
	const struct reply *reply = &exchange->reply;
	const char *memory = answer_memory(exchange);
	uint64_t offset = reply->offset + exchange->done;

	if (memory == NULL) {
		exchange->counters->sendfiles++;
		return sendfile_slice(fd, reply->file->fd, &offset, len);
	}
	return sock_send(fd, memory + exchange->done, len, MSG_NOSIGNAL);
}

enum exchange_io
answer_send_file(struct exchange *exchange, int fd)
{
	size_t slice = answer_slice(exchange);
	ssize_t n;

	do
		n = answer_send_slice(exchange, fd, slice);
	while (n == -1 && errno == EINTR);
	if (n > 0) {
		answer_hand_over(exchange, (size_t)n);
		answer_count(exchange, (size_t)n);
		return EXCHANGE_DONE;
	}
	if (n == -1 && errno == EAGAIN)
		return EXCHANGE_WAIT;
	if (n == 0)
		errno = ENODATA;
	return EXCHANGE_CLOSED;
}
