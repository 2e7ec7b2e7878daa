/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/sample.h"

#include <unistd.h>

#define SAMPLE_EVERY_MS 1000

/* How many wait in each slot's queues. */
static void
sample_queues(const struct master *master)
{
	const struct listeners *listeners = &master->listeners;
	struct board *board = master->board;
	uint32_t waiting[BOARD_SLOTS] = { 0 };

	for (unsigned i = 0; i < listeners->ngroups; i++) {
		const struct listener_group *group = &listeners->groups[i];
		/* One socket for all slots is counted once. */
		unsigned n = group->shared ? 1 : group->nfds;

		for (unsigned j = 0; j < n && j < BOARD_SLOTS; j++) {
			/* Nobody tells how long the queue of unix sockets is.
			 */
			long len =
			    group->admin ? -1 : sock_queue_len(group->fds[j]);

			if (len > 0)
				waiting[j] += (uint32_t)len;
		}
	}
	for (unsigned i = 0; i < BOARD_SLOTS; i++)
		board->slots[i].queue = waiting[i];
}

void
sample_take(const struct master *master)
{
	board_sweep(master->board, getpid());
	sample_queues(master);
}

int64_t
sample_deadline(const struct master *master)
{
	if (master->stop != MASTER_STAYS || master->current == NULL ||
	    master->current->conf->admin.addresses.nitems == 0)
		return INT64_MAX;
	return master->sample_ms;
}

void
sample_time(struct master *master)
{
	int64_t now_ms = master->clock.mono_ms;

	if (now_ms < sample_deadline(master))
		return;
	sample_take(master);
	master->sample_ms = now_ms + SAMPLE_EVERY_MS;
}
