/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/slots.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/log.h"
#include "os/fdpass.h"
#include "worker/worker.h"

/* A worker watches timeouts.drain itself; later than this it is stuck. */
#define SLOTS_MARGIN_MS 1000

/* A worker that lived shorter than this died young. */
#define SLOTS_YOUNG_MS 5000

#define SLOTS_DELAY_FIRST_MS 100
#define SLOTS_DELAY_MOST_MS  10000

int
slots_init(struct slots *slots, struct board *board)
{
	*slots = (struct slots){ .board = board };
	slots->processes =
	    calloc(SLOTS_PROCESSES_MAX, sizeof(*slots->processes));
	return slots->processes == NULL ? -1 : 0;
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

/* The place of a process on the board. */
static struct board_place *
slots_place(const struct slots *slots, const struct slot_process *process)
{
	return &slots->board->places[process - slots->processes];
}

void
slots_set_state(
    struct slots *slots, struct slot_process *process, enum board_state state)
{
	process->state = state;
	slots_place(slots, process)->state = state;
}

/* Notes a process that was forked. */
static void
slots_add(struct slots *slots, const struct slot_process *process,
    struct board_place *place)
{
	unsigned number = (unsigned)(place - slots->board->places);
	struct timespec wall;

	(void)clock_gettime(CLOCK_REALTIME, &wall);
	slots->processes[number] = *process;
	*place = (struct board_place){
		.pid = process->pid,
		.master = getpid(),
		.slot = process->slot,
		.generation = process->generation,
		.state = process->state,
		.started_s = wall.tv_sec,
	};
	if (number >= slots->nplaces)
		slots->nplaces = number + 1;
	slots->nlive++;
}

/* Forks with a pair of sockets.  As fork(2); fds are open only after that. */
static pid_t
slots_fork_with(int fds[2])
{
	int error;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
		0, fds) == -1)
		return -1;
	pid = fork();
	if (pid == -1) {
		error = errno;
		(void)close(fds[0]);
		(void)close(fds[1]);
		errno = error;
	}
	return pid;
}

pid_t
slots_fork(struct slots *slots, unsigned slot, unsigned generation,
    int64_t now_ms, int64_t start_ms, int *control_fd,
    struct counters **counters)
{
	struct board_place *place;
	int pair[2];
	pid_t pid;

	board_sweep(slots->board, getpid());
	place = board_take(slots->board);
	if (place == NULL) {
		errno = EUSERS;
		return -1;
	}
	*counters = board_counters(slots->board, place);
	pid = slots_fork_with(pair);
	if (pid == -1) {
		board_free(slots->board, place);
		return -1;
	}
	(void)close(pair[pid == 0 ? 0 : 1]);
	if (pid == 0) {
		*control_fd = pair[1];
		return 0;
	}
	slots_add(slots,
	    &(struct slot_process){
		.pid = pid,
		.slot = slot,
		.generation = generation,
		.control_fd = pair[0],
		.state = BOARD_STARTING,
		.started_ms = now_ms,
		.deadline_ms = now_ms + start_ms,
	    },
	    place);
	return pid;
}

const char *
slots_explain(int error)
{
	switch (error) {
	case EUSERS:
		return "there are as many processes as there may be, most of "
		       "them drain: reload less often, or lower timeouts.drain";
	case EAGAIN:
		return "the system allows no more processes: raise ulimit -u, "
		       "or pids.max of the container";
	default: return strerror(error);
	}
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
	struct board_place *place = slots_place(slots, process);

	/* The next master may have seen it go, and put another there. */
	if (place->pid == process->pid)
		board_free(slots->board, place);
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

	slots->board->slots[process->slot].respawns++;
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
slots_tell(const struct slot_process *process, char message)
{
	if (fdpass_send(process->control_fd, message, NULL, 0) == 0)
		return;
	log_error("worker %u[%ld] cannot be told to accept: %s: killed",
	    process->slot, (long)process->pid, strerror(errno));
	(void)kill(process->pid, SIGKILL);
}

void
slots_drain(struct slots *slots, struct slot_process *process, int64_t now_ms,
    int64_t drain_ms)
{
	/* A full channel is no reason to stay: SIGTERM says the same. */
	if (process->control_fd == -1 ||
	    fdpass_send(process->control_fd, WORKER_DRAIN, NULL, 0) == -1)
		(void)kill(process->pid, SIGTERM);
	slots_set_state(slots, process, BOARD_DRAINING);
	process->deadline_ms = now_ms + drain_ms + SLOTS_MARGIN_MS;
}
