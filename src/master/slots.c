/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/slots.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/fdpass.h"
#include "worker/worker.h"

/* For a worker to say that it is ready. */
#define SLOTS_READY_MS 10000

/* A worker watches timeouts.drain itself; later than this it is stuck. */
#define SLOTS_MARGIN_MS 1000

/* A worker that lived shorter than this died young. */
#define SLOTS_YOUNG_MS 5000

#define SLOTS_DELAY_FIRST_MS 100
#define SLOTS_DELAY_MOST_MS  10000

int
slots_init(struct slots *slots)
{
	*slots = (struct slots){ 0 };
	slots->processes =
	    calloc(SLOTS_PROCESSES_MAX, sizeof(*slots->processes));
	if (slots->processes == NULL)
		return -1;
	slots->counters = counters_map(SLOTS_PROCESSES_MAX);
	if (slots->counters != NULL)
		return 0;
	free(slots->processes);
	slots->processes = NULL;
	return -1;
}

void
slots_fini(struct slots *slots)
{
	for (unsigned i = 0; i < slots->nplaces; i++)
		if (slots->processes[i].pid != 0 &&
		    slots->processes[i].control_fd != -1)
			(void)close(slots->processes[i].control_fd);
	free(slots->processes);
	slots->processes = NULL;
	slots->nplaces = 0;
}

static struct slot_process *
slots_free_place(struct slots *slots)
{
	for (unsigned i = 0; i < SLOTS_PROCESSES_MAX; i++)
		if (slots->processes[i].pid == 0)
			return &slots->processes[i];
	return NULL;
}

pid_t
slots_fork(struct slots *slots, unsigned slot, unsigned generation,
    int64_t now_ms, int *control_fd, struct counters **counters)
{
	struct slot_process *process = slots_free_place(slots);
	int error, pair[2];
	unsigned place;
	pid_t pid;

	if (process == NULL) {
		errno = EAGAIN;
		return -1;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
		0, pair) == -1)
		return -1;
	place = (unsigned)(process - slots->processes);
	*counters = &slots->counters[place];
	/* These two say what is now; the rest goes on from the last owner. */
	(*counters)->open = (*counters)->lent = 0;
	pid = fork();
	if (pid == -1) {
		error = errno;
		(void)close(pair[0]);
		(void)close(pair[1]);
		errno = error;
		return -1;
	}
	(void)close(pair[pid == 0 ? 0 : 1]);
	if (pid == 0) {
		*control_fd = pair[1];
		return 0;
	}
	*process = (struct slot_process){
		.pid = pid,
		.slot = slot,
		.generation = generation,
		.control_fd = pair[0],
		.state = SLOT_STARTING,
		.started_ms = now_ms,
		.deadline_ms = now_ms + SLOTS_READY_MS,
	};
	if (place >= slots->nplaces)
		slots->nplaces = place + 1;
	slots->nlive++;
	return pid;
}

struct slot_process *
slots_find(struct slots *slots, pid_t pid)
{
	for (unsigned i = 0; i < slots->nplaces; i++)
		if (slots->processes[i].pid == pid)
			return &slots->processes[i];
	return NULL;
}

void
slots_remove(struct slots *slots, struct slot_process *process)
{
	struct counters *counters =
	    &slots->counters[process - slots->processes];

	counters->open = counters->lent = 0;
	if (process->control_fd != -1)
		(void)close(process->control_fd);
	*process = (struct slot_process){ .control_fd = -1 };
	slots->nlive--;
	while (
	    slots->nplaces > 0 && slots->processes[slots->nplaces - 1].pid == 0)
		slots->nplaces--;
}

int64_t
slots_retry(
    struct slots *slots, const struct slot_process *process, int64_t now_ms)
{
	int64_t *delay_ms = &slots->slot[process->slot].delay_ms;
	int64_t wait_ms;

	if (now_ms - process->started_ms >= SLOTS_YOUNG_MS)
		*delay_ms = 0;
	wait_ms = *delay_ms;
	*delay_ms = wait_ms == 0 ? SLOTS_DELAY_FIRST_MS : 2 * wait_ms;
	if (*delay_ms > SLOTS_DELAY_MOST_MS)
		*delay_ms = SLOTS_DELAY_MOST_MS;
	slots->slot[process->slot].retry_ms = now_ms + wait_ms;
	return wait_ms;
}

void
slots_drain(struct slot_process *process, int64_t now_ms, int64_t drain_ms)
{
	/* A full channel is no reason to stay: SIGTERM says the same. */
	if (process->control_fd == -1 ||
	    fdpass_send(process->control_fd, WORKER_DRAIN, NULL, 0) == -1)
		(void)kill(process->pid, SIGTERM);
	process->state = SLOT_DRAINING;
	process->deadline_ms = now_ms + drain_ms + SLOTS_MARGIN_MS;
}
