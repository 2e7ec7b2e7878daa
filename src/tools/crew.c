/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/crew.h"

#include <errno.h>
#include <signal.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "os/process.h"

_Static_assert(sizeof(((struct crew *)NULL)->end) >= PROCESS_END_TEXT,
    "room for how a process ended");

struct crew_shared {
	atomic_size_t next;
	atomic_bool stopped;
	_Atomic uint64_t steps;
	alignas(max_align_t) unsigned char results[];
};

int
crew_init(struct crew *crew, size_t nitems, size_t result_bytes)
{
	void *map;

	*crew = (struct crew){ .nitems = nitems,
		.result_bytes = result_bytes,
		.map_bytes =
		    sizeof(struct crew_shared) + nitems * result_bytes };
	map = mmap(NULL, crew->map_bytes, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return -1;
	crew->shared = map;
	return 0;
}

void *
crew_result(const struct crew *crew, size_t item)
{
	return crew->shared->results + item * crew->result_bytes;
}

/* What ends us, and what tells of the end of a worker. */
static void
crew_fill_signals(sigset_t *set)
{
	const int signums[] = { SIGINT, SIGTERM, SIGHUP, SIGCHLD };
	struct sigaction action;

	(void)sigemptyset(set);
	for (size_t i = 0; i < sizeof(signums) / sizeof(signums[0]); i++)
		/* What is ignored, as nohup(1) does it, stays so. */
		if (sigaction(signums[i], NULL, &action) == 0 &&
		    action.sa_handler != SIG_IGN)
			(void)sigaddset(set, signums[i]);
}

int
crew_start(struct crew *crew, unsigned nworkers)
{
	pid_t parent = getpid();
	sigset_t set;

	/* Whoever started us may have left it ignored: then nobody ends. */
	(void)signal(SIGCHLD, SIG_DFL);
	crew_fill_signals(&set);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	/* What is in a buffer now must not be written by each of us. */
	(void)fflush(NULL);
	if (nworkers > crew->nitems)
		nworkers = (unsigned)crew->nitems;
	for (unsigned i = 0; i < nworkers && i < CREW_MAX; i++) {
		pid_t pid = fork();

		if (pid == -1)
			break;
		if (pid == 0) {
			/* Nobody would wait for us any more. */
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getppid() != parent)
				_exit(1);
			/* A file that becomes too large is an error of its. */
			(void)signal(SIGXFSZ, SIG_IGN);
			return 1;
		}
		crew->pids[crew->nalive++] = pid;
	}
	return crew->nalive == 0 && nworkers > 0 ? -1 : 0;
}

bool
crew_take(struct crew *crew, size_t *item)
{
	if (crew_is_stopped(crew))
		return false;
	*item = atomic_fetch_add(&crew->shared->next, 1);
	return *item < crew->nitems;
}

void
crew_advance(struct crew *crew, uint64_t steps)
{
	(void)atomic_fetch_add(&crew->shared->steps, steps);
}

bool
crew_is_stopped(const struct crew *crew)
{
	return atomic_load(&crew->shared->stopped);
}

void
crew_stop(struct crew *crew)
{
	atomic_store(&crew->shared->stopped, true);
}

uint64_t
crew_steps(const struct crew *crew)
{
	return atomic_load(&crew->shared->steps);
}

/* Takes leave of every worker that has ended. */
static void
crew_reap(struct crew *crew)
{
	for (unsigned i = 0; i < CREW_MAX && crew->nalive > 0; i++) {
		int status;

		if (crew->pids[i] <= 0 ||
		    waitpid(crew->pids[i], &status, WNOHANG) != crew->pids[i])
			continue;
		crew->pids[i] = 0;
		crew->nalive--;
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			continue;
		crew->nkilled++;
		process_describe_end(status, crew->end);
	}
}

static void
crew_kill(const struct crew *crew)
{
	for (unsigned i = 0; i < CREW_MAX; i++)
		if (crew->pids[i] > 0)
			(void)kill(crew->pids[i], SIGKILL);
}

bool
crew_wait(struct crew *crew, unsigned timeout_ms)
{
	const struct timespec timeout = { .tv_sec = timeout_ms / 1000,
		.tv_nsec = timeout_ms % 1000 * 1000000L };
	sigset_t set;
	int signum;

	crew_reap(crew);
	if (crew->nalive == 0)
		return false;
	crew_fill_signals(&set);
	signum = sigtimedwait(&set, NULL, &timeout);
	if (signum > 0 && signum != SIGCHLD) {
		if (crew->signum != 0)
			crew_kill(crew);
		crew->signum = signum;
		crew_stop(crew);
	}
	return true;
}

void
crew_fini(struct crew *crew)
{
	int signum = crew->signum;
	sigset_t set;

	if (crew->shared != NULL)
		(void)munmap(crew->shared, crew->map_bytes);
	*crew = (struct crew){ 0 };
	crew_fill_signals(&set);
	if (signum != 0)
		(void)raise(signum);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}
