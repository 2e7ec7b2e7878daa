/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/sending.h"

#include <errno.h>

#include "core/escape.h"
#include "worker/answer.h"
#include "worker/disk.h"

/* Slices of a listing a wake-up: each is a buffer, or some names that are read.
 */
#define SENDING_SLICES 8

/* Most bytes thrown away after the last answer. */
#define SENDING_LINGER_BYTES (64 * 1024)

void
sending_finish(struct conn *conn, bool aborted)
{
	const struct exchange_end end = {
		.fd = conn->fd,
		.nrequests = conn->nrequests,
		.aborted = aborted,
	};

	exchange_finish(conn->engine, conn->exchange, &end);
}

/* Why an answer was broken off, for the log. */
static const char *
sending_problem(int error)
{
	switch (error) {
	case ENODATA: return "the file became shorter";
	case EBUSY:
		return "it took the list of a folder slowly, and others wait "
		       "for one";
	case ETIME: return "its disk did not answer within timeouts.disk";
	default: return strerror(error);
	}
}

enum step_next
sending_abort(struct conn *conn)
{
	struct exchange *exchange = conn->exchange;
	int error = errno;
	/* Clients that leave or fall asleep are no news; files that fail are.
	 */
	enum log_level level = error == EPIPE || error == ECONNRESET ||
				       error == ETIMEDOUT || error == EBUSY
				   ? LOG_LEVEL_INFO
				   : LOG_LEVEL_WARN;
	char path[512];
	size_t len;

	exchange->counters->aborted++;
	if (error == ENODATA)
		exchange->counters->short_files++;
	else if (level == LOG_LEVEL_WARN && error != ETIME)
		exchange->counters->read_errors++;
	if (engine_may_log(conn->engine, RATION_ABORTED, level)) {
		len = escape_log(path, sizeof(path), exchange->request.path);
		log_at(level, "reset the connection while sending \"%.*s\": %s",
		    (int)len, path, sending_problem(error));
	}
	sock_reset_on_close(conn->fd);
	sending_finish(conn, true);
	return step_enter(conn, CONN_CLOSED);
}

/*
 * True when an answer that has a bandwidth must wait before left bytes more; 0
 * is for what out holds of it.
 */
static bool
sending_is_held(struct conn *conn, uint64_t left)
{
	struct pace *pace = &conn->exchange->pace;

	if (pace->rate == 0)
		return false;
	pace_fill(pace, conn->engine->clock.mono_us);
	return pace_holds(pace, left);
}

enum step_next
sending_pace(struct conn *conn)
{
	const struct exchange *exchange = conn->exchange;
	bool written = exchange->out->len > 0;

	if (!sending_is_held(conn, written ? 0 : answer_left(exchange)))
		return step_enter(conn, written ? CONN_FLUSH : CONN_FILE);
	conn->new_wait = true;
	return STEP_WAIT;
}

enum step_next
sending_flush(struct conn *conn)
{
	struct exchange *exchange = conn->exchange;

	if (sending_is_held(conn, 0))
		return step_enter(conn, CONN_PACE);
	switch (answer_flush(exchange, conn->fd)) {
	case EXCHANGE_DONE: return step_enter(conn, conn->after_flush);
	case EXCHANGE_WAIT: break;
	case EXCHANGE_CLOSED: return sending_abort(conn);
	}
	return STEP_WAIT_WRITE;
}

/* A slice of a listing: what it wrote is to be sent, or it has read on. */
static enum step_next
sending_list(struct conn *conn)
{
	struct exchange *exchange = conn->exchange;

	/* The other connections have their turn now. */
	if (exchange->nslices++ >= SENDING_SLICES)
		return STEP_WAIT_WRITE;
	if (exchange->reply.listing->error == 0 &&
	    disk_list_is_due(conn->engine, exchange->reply.listing))
		return disk_read_list(conn);
	answer_fill(conn->engine, exchange);
	if (exchange->reply.listing->error != 0) {
		errno = exchange->reply.listing->error;
		return sending_abort(conn);
	}
	if (exchange->out->len > 0)
		return step_flush_then(conn, CONN_FILE);
	return STEP_WAIT_WRITE;
}

enum step_next
sending_file(struct conn *conn)
{
	struct exchange *exchange = conn->exchange;

	if (answer_is_done(exchange)) {
		sending_finish(conn, false);
		if (exchange->keep)
			return step_enter(conn, CONN_HEAD);
		return step_enter(
		    conn, exchange->linger ? CONN_LINGER : CONN_CLOSED);
	}
	if (exchange->reply.listing != NULL)
		return sending_list(conn);
	if (answer_left(exchange) == 0) {
		answer_fill(conn->engine, exchange);
		return step_flush_then(conn, CONN_FILE);
	}
	if (sending_is_held(conn, answer_left(exchange)))
		return step_enter(conn, CONN_PACE);
	if (answer_is_in_file(exchange) && !disk_has_slice(conn))
		return disk_read(conn);
	switch (answer_send_file(exchange, conn->fd)) {
	case EXCHANGE_DONE: break;
	case EXCHANGE_WAIT: return STEP_WAIT_WRITE;
	case EXCHANGE_CLOSED: return sending_abort(conn);
	}
	/* One slice a wake-up: the other connections have their turn now. */
	return answer_left(exchange) == 0 ||
		       sending_is_held(conn, answer_left(exchange))
		   ? STEP_GO_ON
		   : STEP_WAIT_WRITE;
}

/*
 * Closing with unread bytes makes the kernel send a reset, which can overtake
 * the answer (RFC 9112 9.6): say that nothing more comes, and read on a while.
 */
enum step_next
sending_linger(struct conn *conn)
{
	char scratch[4096];
	ssize_t n;

	if (conn->exchange != NULL)
		exchange_put(conn->engine, &conn->exchange);
	if (conn->nlingered == 0)
		/* Fails when the client is gone, which the read then tells. */
		(void)shutdown(conn->fd, SHUT_WR);
	n = sock_recv(conn->fd, scratch, sizeof(scratch), 0);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return STEP_WAIT_READ;
	if (n <= 0 || conn->nlingered >= SENDING_LINGER_BYTES)
		return step_enter(conn, CONN_CLOSED);
	conn->nlingered += (uint32_t)n;
	return STEP_GO_ON;
}
