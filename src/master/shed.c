/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/shed.h"

#include "os/fdpass.h"
#include "status/tally.h"
#include "worker/worker.h"

void
shed_pass_on(const struct master *master)
{
	const struct slots *slots = &master->slots;

	/* The place of a process in the table is that on the board. */
	for (unsigned i = 0; i < slots->nplaces; i++)
		if (slots->processes[i].pid != 0 &&
		    slots->processes[i].control_fd != -1 &&
		    tally_wanted(&master->ledger, i) > 0)
			/* If it cannot be told, the next wish tells it. */
			(void)fdpass_send(slots->processes[i].control_fd,
			    WORKER_SHED, NULL, 0);
}
