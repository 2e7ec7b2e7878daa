/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/journal.h"

#include <event2/event.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/log.h"
#include "worker/engine.h"
#include "worker/warm.h"

/* Until what could not be written without waiting is tried again. */
#define JOURNAL_RETRY_MS 100

struct journal *
journal_of(const struct engine *engine, const struct site *site)
{
	return &engine->journals.all[site == NULL ? 0 : site->conf->log];
}

/* Once a minute says what is lost; at once that it is over. */
static void
journal_tell_lost(struct journal *journal, bool works)
{
	struct access *access = &journal->access;
	const char *path = journal->conf->path;

	if (access->nlost == 0)
		return;
	if (works && journal->failing) {
		log_notice("access log %s is written again; lines lost: %llu",
		    path, (unsigned long long)access->nlost);
		journal->failing = false;
		access->nlost = 0;
		return;
	}
	if (!ration_is_due(&journal->warned_ms, journal->engine->clock.mono_ms))
		return;
	journal->failing = !works;
	log_error("access log %s: %s; lines lost so far: %llu; %s", path,
	    strerror(access->lost_error), (unsigned long long)access->nlost,
	    sink_advice(access->lost_error));
	if (works)
		access->nlost = 0;
}

static void
journal_flush(struct journal *journal)
{
	const struct timeval retry = engine_timeval(JOURNAL_RETRY_MS);
	struct access *access = &journal->access;
	int result = access_flush(access, journal->engine->clock.mono_ms);

	if (access->len > 0)
		(void)event_add(&journal->timer, &retry);
	journal_tell_lost(journal, result == 0);
}

static void
on_journal_timer(evutil_socket_t fd, short what, void *arg)
{
	struct journal *journal = arg;

	(void)fd;
	(void)what;
	engine_tick(journal->engine);
	journal_flush(journal);
}

void
journal_add(struct journal *journal, const struct logline_entry *entry)
{
	struct access *access = &journal->access;
	const struct clock *clock = &journal->engine->clock;
	bool first;

	if (!access->each_line && access_must_flush(access, clock->mono_ms))
		journal_flush(journal);
	first = access->len == 0;
	access_add(access, entry, clock);
	if (access->each_line) {
		if (access_must_flush(access, clock->mono_ms))
			journal_flush(journal);
	} else if (first && access->len > 0) {
		const struct timeval flush =
		    engine_timeval(journal->conf->flush_ms);

		/* Without the timer the line waits for a full buffer. */
		(void)event_add(&journal->timer, &flush);
	}
}

static int
journal_init(struct journal *journal, struct engine *engine,
    const struct conf_access_log *conf, int fd)
{
	const struct conf_server *server = &engine->conf->server;
	struct access *access = &journal->access;

	*journal = (struct journal){
		.engine = engine,
		.conf = conf,
		/* Alone, we have the master's. */
		.own_fd = engine->args->control_fd == -1 ? -1 : fd,
	};
	(void)evtimer_assign(
	    &journal->timer, engine->base, on_journal_timer, journal);
	if (access_init(access, conf, fd, engine->counters) == -1)
		return -1;
	access_set_syslog(
	    access, server->syslog_socket, server->syslog_facility);
	access->line.slot = engine->args->slot;
	access->line.generation = engine->args->generation;
	return 0;
}

int
journals_init(struct engine *engine)
{
	const struct conf *conf = engine->conf;
	struct journals *journals = &engine->journals;
	unsigned n = conf->nsite_logs + 1;

	journals->all = calloc(n, sizeof(*journals->all));
	if (journals->all == NULL)
		return -1;
	while (journals->n < n) {
		struct journal *journal = &journals->all[journals->n];
		int fd = engine->args->access_fds[journals->n];

		if (journal_init(
			journal, engine, conf_log(conf, journals->n), fd) == -1)
			return -1;
		if (journal->access.filter.nglobs > 0)
			journals->skip_paths = true;
		journals->n++;
	}
	return 0;
}

static void
journal_reopen(struct journal *journal, int fd)
{
	int64_t now_ms = journal->engine->clock.mono_ms;

	(void)access_flush(&journal->access, now_ms);
	journal->own_fd = warm_replace(journal->own_fd, fd);
	/* What has to wait goes to the new one. */
	access_reopen(&journal->access, journal->own_fd, now_ms);
}

void
journals_reopen(struct engine *engine, const char *name, int fd)
{
	struct journals *journals = &engine->journals;
	unsigned i = 0;

	while (i < journals->n &&
	       (strcmp(journals->all[i].conf->name, name) != 0 ||
		   journals->all[i].access.lines == NULL))
		i++;
	if (i == journals->n) {
		/* It was off, or not there, when this worker began. */
		(void)close(fd);
		return;
	}
	journal_reopen(&journals->all[i], fd);
}

/* The last that there is to say. */
static void
journal_fini(struct journal *journal)
{
	struct access *access = &journal->access;

	if (access_is_on(access) && access->len > 0)
		journal_flush(journal);
	if (access->len > 0) {
		access_drop(access);
		journal_tell_lost(journal, false);
	}
	(void)event_del(&journal->timer);
	access_fini(access);
	if (journal->own_fd != -1)
		(void)close(journal->own_fd);
}

void
journals_fini(struct engine *engine)
{
	struct journals *journals = &engine->journals;

	while (journals->n > 0)
		journal_fini(&journals->all[--journals->n]);
	free(journals->all);
	journals->all = NULL;
}
