/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/upkeep.h"

#include "core/log.h"
#include "worker/worker.h"

#define UPKEEP_EVERY_MS 500

void
upkeep_tell(const struct generation *generation)
{
	const struct maintenance *maintenance = &generation->maintenance;
	unsigned n = 0;

	for (unsigned i = 0; i < maintenance->nsites; i++)
		n += maintenance->closed[i];
	if (n > 0)
		log_notice("%u of %u sites closed for maintenance; "
			   "tined -s status names them",
		    n, maintenance->nsites);
}

int64_t
upkeep_deadline(const struct master *master)
{
	if (master->current == NULL ||
	    !maintenance_has_flags(master->current->conf))
		return INT64_MAX;
	return master->upkeep_ms;
}

void
upkeep_time(struct master *master)
{
	struct generation *current = master->current;

	if (master->clock.mono_ms < upkeep_deadline(master))
		return;
	worker_look_at_flags(&current->maintenance, current->conf);
	master->upkeep_ms = master->clock.mono_ms + UPKEEP_EVERY_MS;
}
