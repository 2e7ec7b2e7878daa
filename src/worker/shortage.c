/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/shortage.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "worker/shed.h"

/* When a client may ask again. */
#define SHORTAGE_RETRY_S 1

#define SHORTAGE_WARN_EVERY_MS 60000

/* Says what happens, once a minute. */
static void
shortage_note(struct engine *engine)
{
	engine->counters->crowded_out++;
	if (engine->shortage_warned_ms != 0 &&
	    engine->clock.mono_ms - engine->shortage_warned_ms <
		SHORTAGE_WARN_EVERY_MS)
		return;
	engine->shortage_warned_ms = engine->clock.mono_ms;
	log_warn("limits.buffers is reached: %zu requests are in flight; "
		 "those that get no further are cut, or else the next ones get "
		 "503",
	    engine->exchanges_most);
}

/* There is no buffer: it has to fit into the socket's. */
static void
shortage_answer(const struct engine *engine, int fd)
{
	char text[256];
	int len = snprintf(text, sizeof(text),
	    "HTTP/1.1 503 Service Unavailable\r\n"
	    "Date: %.*s\r\n"
	    "Connection: close\r\n"
	    "Content-Length: 0\r\n"
	    "Retry-After: %d\r\n\r\n",
	    DATE_IMF_LEN, engine->common.date, SHORTAGE_RETRY_S);

	/* Who is gone need not know. */
	(void)send(fd, text, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void
shortage_turn_away(const struct engine *engine, int fd)
{
	char scratch[4096];

	shortage_answer(engine, fd);
	/* What is left unread would make the close(2) a reset. */
	(void)shutdown(fd, SHUT_WR);
	(void)recv(fd, scratch, sizeof(scratch), MSG_DONTWAIT);
	(void)close(fd);
}

bool
shortage_admit(struct conn *conn, enum step_next *next)
{
	char byte;
	ssize_t n = recv(conn->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	if (n == -1 && (errno == EAGAIN || errno == EINTR)) {
		*next = STEP_WAIT_READ;
		return false;
	}
	if (n <= 0) {
		*next = step_enter(conn, CONN_CLOSED);
		return false;
	}
	shortage_note(conn->engine);
	if (shed_for_buffers(conn->engine))
		return true;
	shortage_answer(conn->engine, conn->fd);
	*next = step_enter(conn, CONN_LINGER);
	return false;
}
