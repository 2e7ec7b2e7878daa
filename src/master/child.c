/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/child.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/cores.h"
#include "core/log.h"
#include "master/confine.h"
#include "master/herald.h"
#include "master/upgrade.h"
#include "master/verifiers.h"
#include "os/process.h"
#include "worker/worker.h"

/*
 * The master's handlers go; what the worker reads from a descriptor stays
 * blocked, what is the master's business alone is ignored.
 */
void
child_set_signals(void)
{
	static const int blocked[] = { SIGTERM, SIGQUIT, SIGINT };
	static const int ignored[] = { SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE };
	sigset_t set;

	for (unsigned i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		(void)signal(ignored[i], SIG_IGN);
	/* Alone as process 1 it has orphans: the kernel is to reap them. */
	(void)signal(SIGCHLD, SIG_IGN);
	(void)sigemptyset(&set);
	for (unsigned i = 0; i < sizeof(blocked) / sizeof(blocked[0]); i++) {
		(void)signal(blocked[i], SIG_DFL);
		(void)sigaddset(&set, blocked[i]);
	}
	(void)sigprocmask(SIG_SETMASK, &set, NULL);
}

void
child_pin(const struct generation *generation, unsigned slot)
{
	int core = cores_of_slot(generation->conf, slot);

	/* It was checked; a cpuset can still shrink at any time. */
	if (core != -1 && process_pin((unsigned)core) == -1)
		log_warn("cannot stay on core %d, runs on any: %s", core,
		    strerror(errno));
}

/* Closes what only the master needs, so that its end is seen when it dies. */
static void
child_close_others(struct master *master, const struct generation *generation,
    const int *fds, unsigned nfds)
{
	slots_fini(&master->slots);
	command_close(&master->command, false);
	listeners_keep(&master->listeners, fds, nfds);
	upgrade_close_fds(master);
	herald_close(master);
	if (master->pid_fd != -1)
		(void)close(master->pid_fd);
	if (master->daemon_fd != -1) {
		(void)close(master->daemon_fd);
		/* The terminal is the master's until the start is over. */
		(void)dup2(STDOUT_FILENO, STDERR_FILENO);
	}
	if (master->current != NULL && master->current != generation)
		generation_close(&master->current);
}

bool *
child_with_proxy(
    const struct listeners *listeners, const int *fds, unsigned n, bool next)
{
	bool *proxy = calloc(n + 1, sizeof(*proxy));

	for (unsigned i = 0; proxy != NULL && i < listeners->ngroups; i++) {
		const struct listener_group *group = &listeners->groups[i];

		for (unsigned j = 0; j < n; j++)
			if (listener_group_holds(group, fds[j]))
				proxy[j] =
				    next ? group->next_proxy : group->proxy;
	}
	return proxy;
}

void
child_run_verifier(
    struct master *master, const struct generation *generation, int control_fd)
{
	generation_use_log(generation);
	child_close_others(master, generation, NULL, 0);
	listeners_hand_over(&master->listeners);
	verifiers_enter(generation, control_fd, -1);
}

/* control_fd is the worker's end of the channel. */
_Noreturn static void
child_run(struct master *master, const struct generation *generation,
    unsigned slot, int control_fd, struct counters *counters)
{
	struct worker_args args = {
		.conf = generation->conf,
		.slot = slot,
		.generation = generation->number,
		.maintenance = &generation->maintenance,
		.root_fds = generation->root_fds,
		.buffers_bytes = generation->buffers_bytes,
		.control_fd = control_fd,
		.access_fds = generation->logs.access_fds,
		.verify_fd = -1,
		.counters = counters,
		.sandbox = board_sandbox(master->board, counters),
		.board = master->board,
		.ledger = &master->ledger,
	};
	char name[32];

	child_set_signals();
	generation_use_log(generation);
	log_set_copy(-1);
	(void)snprintf(name, sizeof(name), "worker %u", slot);
	log_set_name(name);
	(void)snprintf(name, sizeof(name), "tined worker %u", slot);
	process_set_title(name);
	child_pin(generation, slot);
	args.listen_fds = listeners_of_slot(
	    &master->listeners, slot, generation->nworkers, &args.nlisten_fds);
	args.admin_fds =
	    listeners_of_admin(&master->listeners, &args.nadmin_fds);
	if (args.listen_fds != NULL)
		args.listen_proxy =
		    child_with_proxy(&master->listeners, args.listen_fds,
			args.nlisten_fds, generation == master->next);
	if (args.listen_proxy == NULL || args.admin_fds == NULL) {
		log_error("cannot start: %s", strerror(errno));
		_exit(EXIT_FAILURE);
	}
	child_close_others(
	    master, generation, args.listen_fds, args.nlisten_fds);
	if (generation->verifier.control_fd != -1)
		(void)close(generation->verifier.control_fd);
	if (confine_enter(generation, generation->root_fds, generation->nroots,
		args.sandbox) == -1)
		_exit(EXIT_FAILURE);
	_exit(worker_run(&args));
}

int
child_start(
    struct master *master, const struct generation *generation, unsigned slot)
{
	struct counters *counters;
	int control_fd;
	pid_t pid;

	pid = slots_fork(&master->slots, slot, generation->number,
	    master->clock.mono_ms, (int64_t)generation->conf->timeouts.start_ms,
	    &control_fd, &counters);
	if (pid == 0)
		child_run(master, generation, slot, control_fd, counters);
	if (pid == -1)
		return -1;
	verifiers_connect(generation, slots_find(&master->slots, pid));
	return 0;
}
