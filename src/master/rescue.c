/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/rescue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "master/stop.h"
#include "os/fdpass.h"
#include "worker/worker.h"

/* The next slot's worker that serves, seen from slot; NULL: nobody does. */
static struct slot_process *
rescue_find_sibling(struct master *master, unsigned slot)
{
	struct slots *slots = &master->slots;
	struct slot_process *best = NULL;
	unsigned least = SLOTS_MAX;

	for (unsigned i = 0; i < slots->nplaces; i++) {
		struct slot_process *process = &slots->processes[i];
		unsigned distance =
		    (process->slot + SLOTS_MAX - slot) % SLOTS_MAX;

		if (process->pid == 0 || process->state != BOARD_SERVING ||
		    process->control_fd == -1 || distance == 0 ||
		    distance >= least)
			continue;
		best = process;
		least = distance;
	}
	return best;
}

/* A unix socket it has already; to have it twice is no harm. */
static int
rescue_send(struct master *master, unsigned slot, int control_fd)
{
	unsigned n;
	int rc = 0;
	int *fds = listeners_of_slot(
	    &master->listeners, slot, master->current->nworkers, &n);

	if (fds == NULL)
		return -1;
	for (unsigned i = 0; i < n && rc == 0; i += FDPASS_MAX)
		rc = fdpass_send(control_fd, WORKER_ADOPT, fds + i,
		    n - i < FDPASS_MAX ? n - i : FDPASS_MAX);
	free(fds);
	return rc;
}

static void
rescue_slot(struct master *master, unsigned slot)
{
	struct slot_process *sibling = rescue_find_sibling(master, slot);

	master->slots.slot[slot].rescuer = 0;
	if (sibling == NULL)
		return; /* its successor is the first who can */
	if (rescue_send(master, slot, sibling->control_fd) == -1) {
		log_warn("worker %u[%ld] cannot accept for worker %u, whose "
			 "clients wait until it is back: %s",
		    sibling->slot, (long)sibling->pid, slot, strerror(errno));
		return;
	}
	master->slots.slot[slot].rescuer = sibling->pid;
}

/* Those that pid accepted for need somebody else. */
static void
rescue_again(struct master *master, pid_t pid)
{
	for (unsigned i = 0; i < SLOTS_MAX; i++)
		if (master->slots.slot[i].rescuer == pid)
			rescue_slot(master, i);
}

void
rescue_begin(struct master *master, const struct slot_process *gone)
{
	if (!stop_is_serving(master))
		return;
	rescue_again(master, gone->pid);
	if (master->slots.slot[gone->slot].rescuer == 0)
		rescue_slot(master, gone->slot);
}

void
rescue_end(struct master *master, const struct slot_process *process)
{
	pid_t *rescuer = &master->slots.slot[process->slot].rescuer;
	struct slot_process *sibling;
	pid_t pid = *rescuer;

	if (pid == 0)
		return;
	*rescuer = 0;
	sibling = slots_find(&master->slots, pid);
	if (sibling == NULL || sibling->control_fd == -1)
		return;
	/* If it is dead the reaper will say so. */
	(void)fdpass_send(sibling->control_fd, WORKER_RELEASE, NULL, 0);
	rescue_again(master, pid);
}
