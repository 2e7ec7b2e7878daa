/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/helpers.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* For a path that is walked: links are followed by recursion. */

static struct timespec
helpers_clock(void)
{
	struct timespec now;

	/* Cannot fail with this clock. */
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now;
}

static int64_t
helpers_now_ms(void)
{
	const struct timespec now = helpers_clock();

	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* False for a task that would have to wait for what hangs, or may come to. */
static bool
helpers_may_begin(const struct helpers *helpers, const struct helper_task *task,
    int64_t now_ms)
{
	bool last = helpers->nthreads - helpers->nbusy < 2;

	for (unsigned i = 0; i < helpers->nthreads; i++) {
		const struct helper *other = &helpers->all[i];

		if (other->task == NULL)
			continue;
		if (last && other->task->group == task->group)
			return false;
		if (other->task->subject == task->subject &&
		    now_ms - other->began_ms >= HELPERS_HANG_MS)
			return false;
	}
	return true;
}

/* The next task that may begin, off the queue; NULL: none may. */
static struct helper_task *
helpers_pick(struct helpers *helpers)
{
	int64_t now_ms = helpers_now_ms();
	struct helper_task *task;

	STAILQ_FOREACH (task, &helpers->queue, link)
		if (helpers_may_begin(helpers, task, now_ms))
			break;
	if (task == NULL)
		return NULL;
	STAILQ_REMOVE(&helpers->queue, task, helper_task, link);
	task->queued = false;
	return task;
}

/* Hands a task over that is done; the lock is held. */
static void
helpers_tell(struct helpers *helpers, struct helper_task *task)
{
	bool first = STAILQ_EMPTY(&helpers->done);

	STAILQ_INSERT_TAIL(&helpers->done, task, link);
	/* Cannot fail: the count is far from full. */
	if (first)
		(void)eventfd_write(helpers->done_fd, 1);
}

/* Runs a task without the lock, which is held before and after. */
static void
helpers_run(struct helper *helper, struct helper_task *task)
{
	struct helpers *helpers = helper->helpers;

	helper->task = task;
	helper->began_ms = helpers_now_ms();
	(void)pthread_mutex_unlock(&helpers->lock);
	task->run(task);
	(void)pthread_mutex_lock(&helpers->lock);
	helper->task = NULL;
	helpers_tell(helpers, task);
	/* Those that had to wait for this one may go on, more than one. */
	if (helpers_now_ms() - helper->began_ms >= HELPERS_HANG_MS)
		(void)pthread_cond_broadcast(&helpers->work);
}

/* Closes a descriptor, one at a time; the lock is held before and after. */
static void
helpers_close_next(struct helpers *helpers)
{
	int fd = helpers->closes[helpers->closes_at];

	helpers->closes_at = (helpers->closes_at + 1) % helpers->closes_max;
	helpers->ncloses--;
	helpers->closing = true;
	(void)pthread_mutex_unlock(&helpers->lock);
	/* Read-only: a failing close loses nothing. */
	(void)close(fd);
	(void)pthread_mutex_lock(&helpers->lock);
	helpers->closing = false;
}

/* Does one thing, if there is one; the lock is held before and after. */
static bool
helpers_do_next(struct helper *helper)
{
	struct helpers *helpers = helper->helpers;
	struct helper_task *task = NULL;
	bool closes = helpers->ncloses > 0 && !helpers->closing;

	if (!closes)
		task = helpers_pick(helpers);
	if (!closes && task == NULL)
		return false;
	helpers->nbusy++;
	if (closes)
		helpers_close_next(helpers);
	else
		helpers_run(helper, task);
	helpers->nbusy--;
	return true;
}

static void *
on_helper(void *arg)
{
	struct helper *helper = arg;
	struct helpers *helpers = helper->helpers;

	(void)pthread_setname_np(pthread_self(), "tined disk");
	(void)pthread_mutex_lock(&helpers->lock);
	helpers->nalive++;
	(void)pthread_cond_signal(&helpers->changed);
	while (!helpers->stopping)
		if (!helpers_do_next(helper))
			(void)pthread_cond_wait(&helpers->work, &helpers->lock);
	helpers->nalive--;
	(void)pthread_cond_signal(&helpers->changed);
	(void)pthread_mutex_unlock(&helpers->lock);
	return NULL;
}

/* Signals are for the loop's thread, which reads them from a descriptor. */
static int
helpers_create(struct helper *helper)
{
	pthread_attr_t attr;
	sigset_t all, before;
	int error;

	error = pthread_attr_init(&attr);
	if (error != 0)
		return error;
	(void)pthread_attr_setstacksize(&attr, HELPERS_STACK_BYTES);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&helper->thread, &attr, on_helper, helper);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	return error;
}

/* Waits until n threads are there, or gone; false: not in time. */
static bool
helpers_await(struct helpers *helpers, unsigned n, const struct timespec *until)
{
	int error = 0;

	while (helpers->nalive != n && error == 0)
		error =
		    until == NULL
			? pthread_cond_wait(&helpers->changed, &helpers->lock)
			: pthread_cond_timedwait(
			      &helpers->changed, &helpers->lock, until);
	return helpers->nalive == n;
}

int
helpers_start(struct helpers *helpers, unsigned nthreads, unsigned ncloses)
{
	pthread_condattr_t attr;
	void *map;
	int error = 0;

	*helpers = (struct helpers){ .done_fd = -1, .closes_max = ncloses };
	STAILQ_INIT(&helpers->queue);
	STAILQ_INIT(&helpers->done);
	if (nthreads == 0)
		return 0;
	(void)pthread_mutex_init(&helpers->lock, NULL);
	(void)pthread_cond_init(&helpers->work, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&helpers->changed, &attr);
	(void)pthread_condattr_destroy(&attr);
	helpers->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (helpers->done_fd == -1)
		return -1;
	/* Costs memory only where it is used. */
	map = mmap(NULL, ncloses * sizeof(*helpers->closes),
	    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
	    -1, 0);
	if (map == MAP_FAILED)
		return -1;
	helpers->closes = map;
	(void)pthread_mutex_lock(&helpers->lock);
	while (error == 0 && helpers->nthreads < nthreads) {
		struct helper *helper = &helpers->all[helpers->nthreads];

		helper->helpers = helpers;
		error = helpers_create(helper);
		helpers->nthreads += error == 0;
	}
	/* What a thread asks of the kernel at its start comes before that. */
	(void)helpers_await(helpers, helpers->nthreads, NULL);
	(void)pthread_mutex_unlock(&helpers->lock);
	errno = error;
	return helpers->nthreads > 0 ? 0 : -1;
}

void
helpers_give(struct helpers *helpers, struct helper_task *task)
{
	(void)pthread_mutex_lock(&helpers->lock);
	task->queued = true;
	STAILQ_INSERT_TAIL(&helpers->queue, task, link);
	(void)pthread_cond_signal(&helpers->work);
	(void)pthread_mutex_unlock(&helpers->lock);
}

bool
helpers_take_back(struct helpers *helpers, struct helper_task *task)
{
	bool taken;

	(void)pthread_mutex_lock(&helpers->lock);
	taken = task->queued;
	if (taken)
		STAILQ_REMOVE(&helpers->queue, task, helper_task, link);
	task->queued = false;
	(void)pthread_mutex_unlock(&helpers->lock);
	return taken;
}

struct helper_task *
helpers_next_done(struct helpers *helpers)
{
	struct helper_task *task;
	uint64_t count;
	ssize_t n;

	(void)pthread_mutex_lock(&helpers->lock);
	task = STAILQ_FIRST(&helpers->done);
	if (task != NULL)
		STAILQ_REMOVE_HEAD(&helpers->done, link);
	if (STAILQ_EMPTY(&helpers->done)) {
		/* Empty already: EAGAIN. */
		n = read(helpers->done_fd, &count, sizeof(count));
		(void)n;
	}
	(void)pthread_mutex_unlock(&helpers->lock);
	return task;
}

void
helpers_close(struct helpers *helpers, int fd)
{
	bool full;

	(void)pthread_mutex_lock(&helpers->lock);
	full = helpers->stopping || helpers->ncloses == helpers->closes_max;
	if (!full) {
		helpers->closes[(helpers->closes_at + helpers->ncloses++) %
				helpers->closes_max] = fd;
		(void)pthread_cond_signal(&helpers->work);
	}
	(void)pthread_mutex_unlock(&helpers->lock);
	if (full)
		(void)close(fd);
}

bool
helpers_stop(struct helpers *helpers, int64_t wait_ms)
{
	struct timespec until = helpers_clock();
	bool over;

	if (helpers->nthreads == 0)
		return true;
	until.tv_sec += wait_ms / 1000;
	until.tv_nsec += wait_ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	(void)pthread_mutex_lock(&helpers->lock);
	helpers->stopping = true;
	(void)pthread_cond_broadcast(&helpers->work);
	over = helpers_await(helpers, 0, &until);
	(void)pthread_mutex_unlock(&helpers->lock);
	if (!over)
		return false;
	for (unsigned i = 0; i < helpers->nthreads; i++)
		(void)pthread_join(helpers->all[i].thread, NULL);
	helpers->nthreads = 0;
	(void)pthread_mutex_lock(&helpers->lock);
	while (helpers->ncloses > 0)
		helpers_close_next(helpers);
	(void)pthread_mutex_unlock(&helpers->lock);
	return true;
}

void
helpers_fini(struct helpers *helpers)
{
	if (helpers->done_fd == -1)
		return;
	assert(helpers->nthreads == 0);
	(void)pthread_cond_destroy(&helpers->work);
	(void)pthread_cond_destroy(&helpers->changed);
	(void)pthread_mutex_destroy(&helpers->lock);
	(void)close(helpers->done_fd);
	if (helpers->closes != NULL)
		(void)munmap(helpers->closes,
		    helpers->closes_max * sizeof(*helpers->closes));
	helpers->closes = NULL;
	helpers->done_fd = -1;
}
