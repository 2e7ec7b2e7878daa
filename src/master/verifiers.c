/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/verifiers.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conf/secrets.h"
#include "core/log.h"
#include "master/child.h"
#include "master/confine.h"
#include "master/stop.h"
#include "os/fdpass.h"
#include "os/process.h"
#include "worker/verifier.h"
#include "worker/worker.h"

/* One that lived shorter than this died young; then there is a pause. */
#define VERIFIERS_YOUNG_MS 5000
#define VERIFIERS_PAUSE_MS 1000

/* Serving comes first. */
#define VERIFIERS_NICE 5

static int
verifiers_open_channel(int pair[2], int flags)
{
	return socketpair(
	    AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0, pair);
}

pid_t
verifiers_fork(const struct generation *generation, int *fd)
{
	int error, pair[2];
	pid_t pid;

	if (verifiers_open_channel(pair, SOCK_NONBLOCK) == -1)
		return -1;
	secrets_lend(generation->conf, true);
	pid = fork();
	error = errno;
	secrets_lend(generation->conf, false);
	if (pid == -1) {
		(void)close(pair[0]);
		(void)close(pair[1]);
		errno = error;
		return -1;
	}
	(void)close(pair[pid == 0 ? 0 : 1]);
	*fd = pair[pid == 0 ? 1 : 0];
	return pid;
}

void
verifiers_enter(
    const struct generation *generation, int control_fd, int client_fd)
{
	uint32_t parts;

	child_set_signals();
	log_set_copy(-1);
	log_set_name("verifier");
	process_set_title("tined verifier");
	for (unsigned i = 0; i < generation->nroots; i++)
		(void)close(generation->root_fds[i]);
	for (unsigned i = 0; i < generation->logs.naccess; i++)
		if (generation->logs.access_fds[i] != -1)
			(void)close(generation->logs.access_fds[i]);
	/* Without it a worker only has to share its core. */
	(void)!nice(VERIFIERS_NICE);
	if (confine_enter(generation, NULL, 0, &parts) == -1)
		_exit(EXIT_FAILURE);
	/* Behind it, since to become another user may undo it. */
	process_hide_memory();
	_exit(verifier_run(generation->conf, control_fd, client_fd));
}

int
verifiers_start(struct master *master, struct generation *generation)
{
	struct generation_verifier *verifier = &generation->verifier;
	const struct slots *slots = &master->slots;
	int fd;
	pid_t pid;

	if (!generation_has_passwords(generation))
		return 0;
	pid = verifiers_fork(generation, &fd);
	if (pid == -1)
		return -1;
	if (pid == 0)
		child_run_verifier(master, generation, fd);
	verifier->pid = pid;
	verifier->control_fd = fd;
	verifier->started_ms = master->clock.mono_ms;
	verifier->retry_ms = 0;
	for (unsigned i = 0; i < slots->nplaces; i++)
		if (slots->processes[i].pid != 0 &&
		    slots->processes[i].generation == generation->number)
			verifiers_connect(generation, &slots->processes[i]);
	return 0;
}

/*
 * A worker without a verifier would answer 503 for ever, and the next verifier
 * is connected with all workers.
 */
static void
verifiers_give_up(
    const struct generation *generation, const struct slot_process *process)
{
	log_error("worker %u[%ld] cannot ask about passwords: %s: the verifier "
		  "is killed, and another starts",
	    process->slot, (long)process->pid, strerror(errno));
	(void)kill(generation->verifier.pid, SIGKILL);
}

void
verifiers_connect(
    const struct generation *generation, const struct slot_process *process)
{
	int control_fd = generation->verifier.control_fd, pair[2];

	if (control_fd == -1 || process->control_fd == -1)
		return;
	if (verifiers_open_channel(pair, SOCK_NONBLOCK) == -1) {
		verifiers_give_up(generation, process);
		return;
	}
	if (fdpass_send(control_fd, VERIFIER_CLIENT, &pair[1], 1) == -1 ||
	    fdpass_send(process->control_fd, WORKER_VERIFIER, &pair[0], 1) ==
		-1)
		verifiers_give_up(generation, process);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static bool
verifiers_reap_one(
    struct master *master, struct generation *generation, pid_t pid, int status)
{
	struct generation_verifier *verifier;
	char how[PROCESS_END_TEXT];
	bool young;

	if (generation == NULL || generation->verifier.pid != pid)
		return false;
	verifier = &generation->verifier;
	(void)close(verifier->control_fd);
	verifier->pid = 0;
	verifier->control_fd = -1;
	young =
	    master->clock.mono_ms - verifier->started_ms < VERIFIERS_YOUNG_MS;
	verifier->retry_ms =
	    master->clock.mono_ms + (young ? VERIFIERS_PAUSE_MS : 0);
	process_describe_end(status, how);
	log_error("verifier[%ld] %s: %s; until then passwords that are not "
		  "known yet get 503",
	    (long)pid, how,
	    young ? "another starts in a moment" : "starting another");
	return true;
}

bool
verifiers_reap(struct master *master, pid_t pid, int status)
{
	return verifiers_reap_one(master, master->current, pid, status) ||
	       verifiers_reap_one(master, master->next, pid, status);
}

void
verifiers_reopen(const struct generation *generation, const struct logs *logs)
{
	if (generation->verifier.control_fd != -1 &&
	    fdpass_send(generation->verifier.control_fd, WORKER_REOPEN,
		&logs->error_fd, 1) == -1)
		log_warn("the verifier keeps its old log: %s", strerror(errno));
}

int64_t
verifiers_deadline(const struct master *master)
{
	/* As for workers: during a change nobody is started. */
	if (master->current == NULL || master->next != NULL ||
	    !stop_is_serving(master) || master->current->verifier.retry_ms == 0)
		return INT64_MAX;
	return master->current->verifier.retry_ms;
}

void
verifiers_time(struct master *master)
{
	if (master->clock.mono_ms < verifiers_deadline(master) ||
	    verifiers_start(master, master->current) == 0)
		return;
	log_error("cannot start a verifier: %s", slots_explain(errno));
	master->current->verifier.retry_ms =
	    master->clock.mono_ms + VERIFIERS_PAUSE_MS;
}
