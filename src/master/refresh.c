/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/refresh.h"

#include "conf/sources.h"
#include "core/log.h"
#include "master/change.h"

#define REFRESH_EVERY_MS 1000

/* As long as nothing may change any more before a reload. */
#define REFRESH_QUIET_MS 500

static bool
refresh_is_wanted(const struct master *master)
{
	return change_may_begin(master) && master->conf_path != NULL &&
	       master->current->conf->server.watch_config;
}

int64_t
refresh_deadline(const struct master *master)
{
	return refresh_is_wanted(master) ? master->refresh_look_ms : INT64_MAX;
}

/* How long until the next look, after one that found this. */
static int64_t
refresh_wait_ms(enum sources_state state)
{
	return state == SOURCES_CHANGING ? REFRESH_QUIET_MS : REFRESH_EVERY_MS;
}

void
refresh_time(struct master *master)
{
	enum sources_state state;
	const char *path;

	if (!refresh_is_wanted(master) ||
	    master->clock.mono_ms < master->refresh_look_ms)
		return;
	state = sources_look(master->opts.sources, &path);
	master->refresh_look_ms =
	    master->clock.mono_ms + refresh_wait_ms(state);
	if (state != SOURCES_CHANGED)
		return;
	log_notice("the configuration has changed, %s: reloading", path);
	change_reload(master);
}
