/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/shortage.h"

#include <errno.h>
#include <unistd.h>

#include "worker/shed.h"

/* Says what happens, once a minute. */
static void
shortage_note(struct engine *engine)
{
	engine->counters->crowded_out++;
	if (!ration_is_due(&engine->shortage_warned_ms, engine->clock.mono_ms))
		return;
	log_warn("limits.buffers is reached: %zu requests are in flight; "
		 "those that get no further are cut, or else the next ones get "
		 "503",
	    engine->exchanges_most);
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
	turnaway_send(conn->engine, conn->fd);
	*next = step_enter(conn, CONN_LINGER);
	return false;
}
