/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/herald.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"

/* The manager had no room for a message. */
#define HERALD_AGAIN_MS 50

/* What a stop may take beyond the time that its keys give it. */
#define HERALD_MARGIN_MS 5000

void
herald_open(struct master *master)
{
	if (notify_open(&master->herald.notify) == -1)
		log_warn("cannot tell the service manager how we are: its "
			 "NOTIFY_SOCKET: %s",
		    strerror(errno));
}

/* Sends what waits to be sent. */
static void
herald_send(struct master *master)
{
	struct herald *herald = &master->herald;

	herald->again_ms = 0;
	if (notify_send(&herald->notify, herald->text) == 0)
		return;
	if (errno == EAGAIN)
		herald->again_ms = master->clock.mono_ms + HERALD_AGAIN_MS;
	else
		log_warn("cannot tell the service manager how we are: %s",
		    strerror(errno));
}

static void herald_say(struct master *master, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
herald_say(struct master *master, const char *fmt, ...)
{
	va_list ap;

	/* Until it left, the master before us is the one who is listened to. */
	if (master->herald.notify.fd == -1 || master->upgrade.old != 0)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(
	    master->herald.text, sizeof(master->herald.text), fmt, ap);
	va_end(ap);
	herald_send(master);
}

/* Enough for "serving with 256 workers, generation 4294967295". */
#define HERALD_SERVING 64

static const char *
herald_serving(const struct master *master, char out[HERALD_SERVING])
{
	unsigned n = master->current->nworkers;

	(void)snprintf(out, HERALD_SERVING,
	    "serving with %u worker%s, generation %u", n, n == 1 ? "" : "s",
	    master->current->number);
	return out;
}

void
herald_ready(struct master *master)
{
	char serving[HERALD_SERVING];

	/* A change may be the last thing that happens before a stop. */
	if (master->stop != MASTER_STAYS)
		return;
	/* In the background, or after an upgrade, we are another process. */
	herald_say(master, "READY=1\nMAINPID=%ld\nSTATUS=%s\n", (long)getpid(),
	    herald_serving(master, serving));
}

void
herald_reloading(struct master *master)
{
	if (master->stop != MASTER_STAYS)
		return;
	/* Not the master's clock: the manager compares it with its own. */
	herald_say(master,
	    "RELOADING=1\nMONOTONIC_USEC=%" PRId64 "\nSTATUS=reloading\n",
	    clock_now_us());
}

void
herald_failed(struct master *master, const char *what, struct span reason)
{
	char serving[HERALD_SERVING];

	if (master->stop != MASTER_STAYS)
		return;
	/* READY, because to go on serving is what we do. */
	herald_say(master, "READY=1\nSTATUS=%s failed: %.*s; still %s\n", what,
	    (int)reason.len, reason.ptr, herald_serving(master, serving));
}

void
herald_stopping(struct master *master, int64_t max_ms)
{
	herald_say(master,
	    "STOPPING=1\nEXTEND_TIMEOUT_USEC=%" PRId64
	    "\nSTATUS=stopping, %s\n",
	    (max_ms + HERALD_MARGIN_MS) * 1000,
	    master->stop == MASTER_WAITS ? "still serving"
					 : "open requests may finish");
}

void
herald_leave(struct master *master, pid_t pid)
{
	herald_say(master, "MAINPID=%ld\n", (long)pid);
	herald_close(master);
}

int
herald_give(const struct master *master)
{
	return notify_give(&master->herald.notify);
}

/* When the next sign of life is due: twice in the time that is allowed. */
static int64_t
herald_ping_deadline(const struct master *master)
{
	const struct notify *notify = &master->herald.notify;

	int64_t half_ms = (int64_t)(notify->watchdog_us / 2000);

	if (notify->watchdog_us == 0 || master->upgrade.old != 0)
		return INT64_MAX;
	return master->herald.pinged_ms + (half_ms > 0 ? half_ms : 1);
}

int64_t
herald_deadline(const struct master *master)
{
	int64_t ping_ms = herald_ping_deadline(master);
	int64_t again_ms = master->herald.again_ms;

	return again_ms != 0 && again_ms < ping_ms ? again_ms : ping_ms;
}

void
herald_time(struct master *master)
{
	struct herald *herald = &master->herald;
	int64_t now_ms = master->clock.mono_ms;

	if (herald->again_ms != 0 && now_ms >= herald->again_ms)
		herald_send(master);
	if (now_ms < herald_ping_deadline(master))
		return;
	herald->pinged_ms = now_ms;
	/* If it has no room it has signs of life to read. */
	(void)notify_send(&herald->notify, "WATCHDOG=1\n");
}

void
herald_close(struct master *master)
{
	notify_close(&master->herald.notify);
	master->herald.again_ms = 0;
}
