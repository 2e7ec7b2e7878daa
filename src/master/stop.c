/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/stop.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/log.h"
#include "master/change.h"
#include "master/herald.h"
#include "master/supervise.h"
#include "master/upgrade.h"

static int64_t
stop_delay_ms(const struct master *master)
{
	return master->current == NULL
		   ? 0
		   : (int64_t)master->current->conf->timeouts.stop_delay_ms;
}

/* What the next steps may take. */
static int64_t
stop_max_ms(const struct master *master)
{
	int64_t delay_ms = stop_delay_ms(master), drain_ms = 0;

	if (master->current != NULL)
		drain_ms = (int64_t)master->current->conf->timeouts.drain_ms;
	switch (master->stop) {
	case MASTER_STAYS:
	case MASTER_WAITS: return delay_ms + drain_ms;
	case MASTER_STOPS: return drain_ms;
	case MASTER_STOPS_FAST: break;
	}
	return 0;
}

static void
stop_log(const struct master *master)
{
	switch (master->stop) {
	case MASTER_STAYS: break;
	case MASTER_WAITS:
		log_notice("stopping after timeouts.stop_delay, %lld ms: still "
			   "serving, but not ready for more",
		    (long long)stop_delay_ms(master));
		break;
	case MASTER_STOPS:
		log_notice("stopping, open requests may finish");
		break;
	case MASTER_STOPS_FAST: log_notice("stopping at once"); break;
	}
}

void
stop_begin(struct master *master, enum master_stop how)
{
	if (how <= master->stop)
		return;
	change_abandon(master);
	if (how == MASTER_WAITS && stop_delay_ms(master) == 0)
		how = MASTER_STOPS;
	master->stop = how;
	if (master->current == NULL)
		master->status = EXIT_FAILURE;
	stop_log(master);
	if (master->board->master == getpid())
		master->board->ready = 0;
	herald_stopping(master, stop_max_ms(master));
	upgrade_stop(master);
	if (how == MASTER_WAITS) {
		master->stop_ms = master->clock.mono_ms + stop_delay_ms(master);
		return;
	}
	supervise_stop(master, how == MASTER_STOPS_FAST);
	listeners_close_public(&master->listeners);
}

void
stop_further(struct master *master)
{
	switch (master->stop) {
	case MASTER_STAYS: stop_begin(master, MASTER_WAITS); break;
	case MASTER_WAITS: stop_begin(master, MASTER_STOPS); break;
	case MASTER_STOPS:
	case MASTER_STOPS_FAST: stop_begin(master, MASTER_STOPS_FAST); break;
	}
}

bool
stop_is_serving(const struct master *master)
{
	return master->stop == MASTER_STAYS || master->stop == MASTER_WAITS;
}

int64_t
stop_deadline(const struct master *master)
{
	return master->stop == MASTER_WAITS ? master->stop_ms : INT64_MAX;
}

void
stop_time(struct master *master)
{
	if (master->clock.mono_ms >= stop_deadline(master))
		stop_begin(master, MASTER_STOPS);
}
