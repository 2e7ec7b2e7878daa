/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/supervise.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/log.h"
#include "master/change.h"
#include "master/child.h"
#include "master/rescue.h"
#include "master/shed.h"
#include "master/stop.h"
#include "master/upgrade.h"
#include "master/verifiers.h"
#include "os/fdpass.h"
#include "os/process.h"
#include "worker/worker.h"

/* After a fork that failed. */
#define SUPERVISE_FORK_MS 1000

/* For a worker to leave at once. */
#define SUPERVISE_FAST_MS 2000

/* For a worker to be gone that was killed, or hung up to leave. */
#define SUPERVISE_END_MS 2000

/* The first delay of a worker that keeps on crashing. */
#define SUPERVISE_LOOP_MS 100

static void
supervise_ready(struct master *master, struct slot_process *process)
{
	if (process->state != BOARD_STARTING)
		return;
	slots_set_state(&master->slots, process, BOARD_READY);
	process->deadline_ms = 0;
	/* The next generation begins to accept as one: change_advance(). */
	if (master->current == NULL ||
	    process->generation != master->current->number)
		return;
	slots_tell(process, WORKER_ACCEPT);
	slots_set_state(&master->slots, process, BOARD_SERVING);
	change_steer(master);
	rescue_end(master, process);
}

/* Reads one worker's messages; false when it has hung up. */
static bool
supervise_read_one(struct master *master, struct slot_process *process)
{
	int fds[FDPASS_MAX], rc;
	unsigned nfds;
	char message;

	while ((rc = fdpass_recv(process->control_fd, &message, fds, &nfds)) ==
	       1) {
		while (nfds > 0)
			(void)close(fds[--nfds]);
		if (message == WORKER_READY)
			supervise_ready(master, process);
		if (message == WORKER_STOPPED)
			process->stopped = true;
		if (message == WORKER_SHED)
			shed_pass_on(master);
	}
	return rc == -1 && (errno == EAGAIN || errno == ENOMEM);
}

void
supervise_read(struct master *master)
{
	struct slots *slots = &master->slots;

	for (unsigned i = 0; i < slots->nplaces; i++) {
		struct slot_process *process = &slots->processes[i];

		if (process->pid == 0 || process->control_fd == -1 ||
		    supervise_read_one(master, process))
			continue;
		(void)close(process->control_fd);
		process->control_fd = -1;
		/* Threads that hang in a file system may keep it. */
		if (process->state == BOARD_DRAINING && process->killed_ms == 0)
			process->deadline_ms =
			    master->clock.mono_ms + SUPERVISE_END_MS;
	}
}

/* A worker that served is gone; nobody told it to leave. */
static void
supervise_crashed(
    struct master *master, const struct slot_process *process, const char *how)
{
	int64_t wait_ms =
	    slots_retry(&master->slots, process, master->clock.mono_ms);

	log_error("worker %u[%ld] %s: %s", process->slot, (long)process->pid,
	    how,
	    wait_ms == 0 ? "starting another" : "another starts in a moment");
	if (wait_ms == SUPERVISE_LOOP_MS)
		log_error("worker %u crashes in a loop: the pause before each "
			  "start grows from 100 ms to 10 s",
		    process->slot);
}

static void
supervise_gone(struct master *master, struct slot_process *process, int status)
{
	struct slot_process gone = *process;
	char how[PROCESS_END_TEXT];

	slots_remove(&master->slots, process);
	process_describe_end(status, how);
	if (gone.state == BOARD_DRAINING) {
		if (status != 0 && gone.deadline_ms != 0)
			log_error("worker %u[%ld] %s instead of draining",
			    gone.slot, (long)gone.pid, how);
		return;
	}
	if (change_is_open(master) && gone.generation == master->next->number) {
		outcome_error(&master->outcome,
		    "worker %u[%ld] %s before it was ready", gone.slot,
		    (long)gone.pid, how);
		change_fail(master);
		return;
	}
	supervise_crashed(master, &gone, how);
	rescue_begin(master, &gone);
	/* Until the successor serves nothing more is queued for this slot. */
	change_steer(master);
}

void
supervise_reap(struct master *master)
{
	struct slot_process *process;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		process = slots_find(&master->slots, pid);
		if (process != NULL)
			supervise_gone(master, process, status);
		else if (!verifiers_reap(master, pid, status))
			(void)upgrade_reap(master, pid, status);
	}
}

/* When the kernel has more than us to wait for, it is not us who wait. */
static void
supervise_abandon(struct master *master, struct slot_process *process)
{
	log_error("worker %u[%ld] does not end although it was killed: a file "
		  "system of its does not answer; it is left to itself",
	    process->slot, (long)process->pid);
	supervise_gone(master, process, SIGKILL);
}

static void
supervise_kill(struct slot_process *process, int64_t now_ms)
{
	log_error("worker %u[%ld] %s: killed", process->slot,
	    (long)process->pid,
	    process->state == BOARD_DRAINING
		? "does not leave in time"
		: "is not ready within timeouts.start");
	(void)kill(process->pid, SIGKILL);
	process->deadline_ms = 0;
	process->killed_ms = now_ms;
}

/* When something is due for a process; 0: never. */
static int64_t
supervise_due(const struct slot_process *process)
{
	if (process->pid == 0)
		return 0;
	return process->killed_ms != 0 ? process->killed_ms + SUPERVISE_END_MS
				       : process->deadline_ms;
}

static void
supervise_start_successor(struct master *master, unsigned slot)
{
	int64_t *retry_ms = &master->slots.slot[slot].retry_ms;

	*retry_ms = 0;
	if (child_start(master, master->current, slot) == 0)
		return;
	log_error("cannot start worker %u: %s", slot, slots_explain(errno));
	*retry_ms = master->clock.mono_ms + SUPERVISE_FORK_MS;
}

/* During a change nobody is started: the next generation may be here soon. */
static bool
supervise_may_start(const struct master *master)
{
	return master->next == NULL && stop_is_serving(master);
}

void
supervise_time(struct master *master)
{
	struct slots *slots = &master->slots;
	int64_t now_ms = master->clock.mono_ms;

	for (unsigned i = 0; i < slots->nplaces; i++) {
		struct slot_process *process = &slots->processes[i];

		if (supervise_due(process) == 0 ||
		    now_ms < supervise_due(process))
			continue;
		if (process->killed_ms == 0)
			supervise_kill(process, now_ms);
		else
			supervise_abandon(master, process);
	}
	for (unsigned i = 0; i < SLOTS_MAX && supervise_may_start(master); i++)
		if (slots->slot[i].retry_ms != 0 &&
		    now_ms >= slots->slot[i].retry_ms)
			supervise_start_successor(master, i);
	verifiers_time(master);
}

int64_t
supervise_deadline(const struct master *master)
{
	const struct slots *slots = &master->slots;
	int64_t least = verifiers_deadline(master);

	for (unsigned i = 0; i < slots->nplaces; i++) {
		int64_t due_ms = supervise_due(&slots->processes[i]);

		if (due_ms != 0 && due_ms < least)
			least = due_ms;
	}
	for (unsigned i = 0; i < SLOTS_MAX && supervise_may_start(master); i++)
		if (slots->slot[i].retry_ms != 0 &&
		    slots->slot[i].retry_ms < least)
			least = slots->slot[i].retry_ms;
	return least;
}

void
supervise_stop(struct master *master, bool at_once)
{
	struct slots *slots = &master->slots;
	int64_t now_ms = master->clock.mono_ms;

	for (unsigned i = 0; i < slots->nplaces; i++) {
		struct slot_process *process = &slots->processes[i];

		if (process->pid == 0)
			continue;
		if (at_once) {
			(void)kill(process->pid, SIGINT);
			slots_set_state(slots, process, BOARD_DRAINING);
			process->deadline_ms = now_ms + SUPERVISE_FAST_MS;
		} else if (process->state != BOARD_DRAINING) {
			slots_drain(slots, process, now_ms,
			    (int64_t)master->current->conf->timeouts.drain_ms);
		}
	}
}
