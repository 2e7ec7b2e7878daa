/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/turnaway.h"

#include <stdio.h>
#include <stdlib.h>

#include "os/socket.h"
#include "worker/engine.h"

/* When a client may try again, in seconds; nobody can know it. */
#define TURNAWAY_RETRY_S 1

#define TURNAWAY_STATUS_LINE "HTTP/1.1 503 Service Unavailable\r\n"

/* Where the Date begins in the answer. */
#define TURNAWAY_DATE_AT (sizeof(TURNAWAY_STATUS_LINE "Date: ") - 1)

/* Room for all of its head but what Server says. */
#define TURNAWAY_HEAD_BYTES 512

int
turnaway_init(struct engine *engine)
{
	const struct span page = response_page(503);
	const struct span type = RESPONSE_PAGE_TYPE;
	const struct span server = engine->common.server;
	const size_t room = TURNAWAY_HEAD_BYTES + server.len;
	struct turnaway *turnaway = &engine->turnaway;

	turnaway->answer = malloc(room + page.len);
	if (turnaway->answer == NULL)
		return -1;
	turnaway->len = (size_t)snprintf(turnaway->answer, room,
	    TURNAWAY_STATUS_LINE "Date: %*s\r\n%s%.*s%s"
				 "Content-Type: %.*s\r\nContent-Length: %zu\r\n"
				 "Retry-After: %d\r\nConnection: close\r\n\r\n",
	    DATE_IMF_LEN, "", server.len > 0 ? "Server: " : "", (int)server.len,
	    server.len > 0 ? server.ptr : "", server.len > 0 ? "\r\n" : "",
	    (int)type.len, type.ptr, page.len, TURNAWAY_RETRY_S);
	memcpy(turnaway->answer + turnaway->len, page.ptr, page.len);
	turnaway->len += page.len;
	return 0;
}

void
turnaway_send(struct engine *engine, int fd)
{
	struct turnaway *turnaway = &engine->turnaway;

	memcpy(turnaway->answer + TURNAWAY_DATE_AT, engine->common.date,
	    sizeof(engine->common.date));
	/*
	 * It has room in the buffer of a socket that nothing was sent to; who
	 * is gone cannot be told.
	 */
	(void)!sock_send(fd, turnaway->answer, turnaway->len, MSG_NOSIGNAL);
}

void
turnaway_send_last(struct engine *engine, int fd)
{
	char scratch[4096];

	/* Unread it would make closing a reset, which overtakes the answer. */
	(void)!sock_recv(fd, scratch, sizeof(scratch), 0);
	turnaway_send(engine, fd);
}

void
turnaway_fini(struct turnaway *turnaway)
{
	free(turnaway->answer);
	turnaway->answer = NULL;
}
