/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/change.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/compare.h"
#include "conf/keys.h"
#include "conf/sources.h"
#include "core/log.h"
#include "master/child.h"
#include "master/confine.h"
#include "master/herald.h"
#include "master/start.h"
#include "master/stop.h"
#include "master/upkeep.h"
#include "master/verifiers.h"
#include "os/fdpass.h"
#include "worker/worker.h"

/*
 * How long old workers may take to stop accepting: one that is busy, or stands
 * still, must not keep new connections waiting.
 */
#define CHANGE_HAND_OVER_MS 100

/* Answers those who asked for this reload, last line last. */
static void
change_answer(struct master *master, const char *last)
{
	command_answer_all(
	    &master->command, COMMAND_RELOAD, master->outcome.text, last);
}

void
change_steer(struct master *master)
{
	const struct slots *slots = &master->slots;
	unsigned members[SLOTS_MAX], n = 0;

	for (unsigned i = 0; i < slots->nplaces; i++) {
		const struct slot_process *process = &slots->processes[i];

		if (process->pid != 0 && process->state == BOARD_SERVING &&
		    n < SLOTS_MAX)
			members[n++] = process->slot;
	}
	listeners_steer(&master->listeners, members, n);
}

/* Throws the next generation away, without a word. */
static void
change_drop(struct master *master)
{
	struct slots *slots = &master->slots;

	for (unsigned i = 0; i < slots->nplaces; i++) {
		struct slot_process *process = &slots->processes[i];

		if (process->pid == 0 ||
		    process->generation != master->next->number)
			continue;
		/* It never accepted, so there is nothing to finish. */
		(void)kill(process->pid, SIGKILL);
		slots_set_state(slots, process, BOARD_DRAINING);
		process->deadline_ms = 0;
		process->killed_ms = master->clock.mono_ms;
	}
	listeners_rollback(&master->listeners);
	change_steer(master);
	generation_close(&master->next);
}

/* How a reload ended, for the status: the reason, if one was said, or last. */
static void
change_note(struct master *master, bool ok, const char *last)
{
	struct span reason = outcome_reason(&master->outcome);
	struct board *board = master->board;
	char text[BOARD_TEXT];

	if (reason.len == 0)
		reason = (struct span){ last, strcspn(last, "\n") };
	(void)snprintf(text, sizeof(text), "%.*s", (int)reason.len, reason.ptr);
	if (ok)
		board->reloads_ok++;
	else
		board->reloads_failed++;
	board_set_last(board, ok, master->clock.wall_s, text);
}

void
change_fail(struct master *master)
{
	char text[128];

	if (change_is_open(master))
		change_drop(master);
	if (master->current == NULL) {
		master->status = EXIT_FAILURE;
		master->stop = MASTER_STOPS;
		return;
	}
	(void)snprintf(text, sizeof(text),
	    "failed: reload failed, still serving the old configuration "
	    "(generation %u)\n",
	    master->current->number);
	log_error("%.*s", (int)strcspn(text, "\n") - 8, text + 8);
	change_note(master, false, text + strlen("failed: "));
	herald_failed(master, "reload", outcome_reason(&master->outcome));
	change_answer(master, text);
}

void
change_abandon(struct master *master)
{
	if (!change_is_open(master))
		return;
	change_drop(master);
	change_answer(
	    master, "failed: the server stops, nothing was reloaded\n");
}

static int
change_start_verifier(struct master *master)
{
	if (verifiers_start(master, master->next) == 0)
		return 0;
	outcome_error(&master->outcome, "cannot start a verifier: %s",
	    slots_explain(errno));
	return -1;
}

static int
change_fork(struct master *master)
{
	const struct generation *next = master->next;

	for (unsigned slot = 0; slot < next->nworkers; slot++) {
		if (child_start(master, next, slot) == 0)
			continue;
		outcome_error(&master->outcome, "cannot start worker %u: %s",
		    slot, slots_explain(errno));
		return -1;
	}
	return 0;
}

void
change_begin(struct master *master, struct conf **confp)
{
	struct outcome *outcome = &master->outcome;

	master->next =
	    generation_open(confp, master->generations + 1, 0, outcome);
	if (master->next == NULL) {
		change_fail(master);
		return;
	}
	master->generations++;
	confine_tell(master->next->conf);
	if (master->current == NULL)
		start_use_log(master->next, master->upgrade.report_fd);
	if (listeners_prepare(&master->listeners, master->next->conf,
		master->next->nworkers, master->opts.try_ports,
		outcome) == -1 ||
	    change_start_verifier(master) == -1 || change_fork(master) == -1)
		change_fail(master);
}

bool
change_may_begin(const struct master *master)
{
	return master->current != NULL && master->next == NULL &&
	       stop_is_serving(master) && master->upgrade.pid == 0 &&
	       master->upgrade.old == 0;
}

void
change_reload(struct master *master)
{
	struct conf_errors errors = { 0 };
	struct conf *conf;

	outcome_clear(&master->outcome);
	herald_reloading(master);
	sources_fini(master->opts.sources);
	conf = conf_load_watched(master->conf_path, master->opts.overrides,
	    master->opts.sources, &errors);
	if (conf != NULL && conf_check_system(conf, &errors) == -1)
		conf_free(&conf);
	for (unsigned i = 0; i < errors.nlines; i++)
		outcome_error(&master->outcome, "%s", errors.lines[i]);
	for (unsigned i = 0; i < errors.nwarnings; i++)
		outcome_warn(&master->outcome, "%s", errors.warnings[i]);
	conf_errors_fini(&errors);
	if (conf == NULL)
		change_fail(master);
	else
		change_begin(master, &conf);
}

void
change_again(struct master *master)
{
	struct conf *conf = conf_share(master->current->conf);

	outcome_clear(&master->outcome);
	change_begin(master, &conf);
}

static bool
change_is_ready(const struct master *master)
{
	const struct slots *slots = &master->slots;
	unsigned nready = 0;

	for (unsigned i = 0; i < slots->nplaces; i++)
		nready +=
		    slots->processes[i].pid != 0 &&
		    slots->processes[i].generation == master->next->number &&
		    slots->processes[i].state == BOARD_READY;
	return nready == master->next->nworkers;
}

/* A worker of the generation that serves, or did until just now. */
static bool
change_is_old(const struct master *master, const struct slot_process *process)
{
	return process->pid != 0 && master->current != NULL &&
	       process->generation == master->current->number;
}

static void
change_drain_old(struct master *master)
{
	struct slots *slots = &master->slots;
	int64_t now_ms = master->clock.mono_ms;

	for (unsigned i = 0; i < slots->nplaces; i++)
		if (change_is_old(master, &slots->processes[i]))
			slots_drain(slots, &slots->processes[i], now_ms,
			    (int64_t)master->current->conf->timeouts.drain_ms);
	master->hand_over_ms = now_ms + CHANGE_HAND_OVER_MS;
}

/* No old worker accepts any more; at the start there is none. */
static bool
change_old_have_stopped(const struct master *master)
{
	const struct slots *slots = &master->slots;

	for (unsigned i = 0; i < slots->nplaces; i++)
		if (change_is_old(master, &slots->processes[i]) &&
		    !slots->processes[i].stopped)
			return false;
	return true;
}

static void
change_accept(struct master *master)
{
	struct slots *slots = &master->slots;

	for (unsigned i = 0; i < slots->nplaces; i++) {
		struct slot_process *process = &slots->processes[i];

		if (process->pid == 0 || process->state != BOARD_READY)
			continue;
		slots_tell(process, WORKER_ACCEPT);
		slots_set_state(slots, process, BOARD_SERVING);
	}
	memset(slots->slot, 0, sizeof(slots->slot));
	change_steer(master);
}

static void
change_started(struct master *master)
{
	start_write_pidfile(master->pid_file, master->pid_fd);
	listeners_own(&master->listeners);
	log_notice("tined %s started: process %ld, %u workers", PACKAGE_VERSION,
	    (long)getpid(), master->current->nworkers);
}

/* Keys that only a restart can change. */
static void
change_warn(
    struct master *master, const struct conf *old, const struct conf *new)
{
	for (unsigned i = 0; i < keys_nfixed; i++) {
		const struct key_fixed *key = &keys_fixed[i];

		if (!compare_is_same(old, new, key->section, key->name))
			outcome_warn(&master->outcome,
			    "%s.%s changed: that needs a restart", key->section,
			    key->name);
	}
}

static void
change_reloaded(struct master *master, const struct generation *old)
{
	char text[128];

	change_warn(master, old->conf, master->current->conf);
	(void)snprintf(text, sizeof(text),
	    "ok: reloaded, generation %u, %u workers\n",
	    master->current->number, master->current->nworkers);
	log_notice("%.*s", (int)strcspn(text, "\n") - 4, text + 4);
	change_note(master, true, text + strlen("ok: "));
	herald_ready(master);
	change_answer(master, text);
}

/* Who serves now, for the status. */
static void
change_show(struct master *master)
{
	board_set_server(master->board, PACKAGE_VERSION,
	    master->current->number, master->current->nworkers,
	    master->clock.wall_s);
	master->board->ready = master->stop == MASTER_STAYS;
}

void
change_restore(struct master *master)
{
	if (master->board->master != getpid())
		change_show(master);
	change_steer(master);
}

/* The next generation takes the place of the one that served, if one did. */
static void
change_finish(struct master *master)
{
	struct generation *old = master->current;

	master->current = master->next;
	master->next = NULL;
	master->hand_over_ms = 0;
	generation_use_log(master->current);
	change_show(master);
	change_accept(master);
	if (old == NULL)
		change_started(master);
	upkeep_tell(master->current);
	listeners_commit(&master->listeners);
	if (old != NULL)
		change_reloaded(master, old);
	generation_close(&old);
}

bool
change_advance(struct master *master)
{
	bool start = master->current == NULL;

	if (master->next == NULL)
		return false;
	if (master->hand_over_ms == 0) {
		if (!change_is_ready(master))
			return false;
		change_drain_old(master);
	}
	if (!change_old_have_stopped(master) &&
	    master->clock.mono_ms < master->hand_over_ms)
		return false;
	change_finish(master);
	return start;
}

int64_t
change_deadline(const struct master *master)
{
	return master->hand_over_ms == 0 ? INT64_MAX : master->hand_over_ms;
}

bool
change_is_open(struct master *master)
{
	if (master->next != NULL && master->hand_over_ms != 0)
		change_finish(master);
	return master->next != NULL;
}
