/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/reopen.h"

#include <errno.h>
#include <string.h>

#include "core/log.h"
#include "master/state.h"
#include "master/verifiers.h"

/* New files for the log lines, if all can be opened. */
static int
reopen_logs(struct master *master, struct outcome *outcome)
{
	struct generation *current = master->current;
	struct slots *slots = &master->slots;
	struct logs logs;

	master->upgrade.reopened = master->upgrade.pid != 0;
	if (current == NULL || logs_open(&logs, current->conf, outcome) == -1)
		return -1;
	for (unsigned i = 0; i < slots->nplaces; i++) {
		const struct slot_process *process = &slots->processes[i];

		/* Who has just left needs none. */
		if (process->pid != 0 && process->control_fd != -1 &&
		    logs_send(&logs, current->conf, process->control_fd) ==
			-1 &&
		    errno != EPIPE && errno != ECONNRESET)
			log_warn("worker %u[%ld] keeps its old logs: %s",
			    process->slot, (long)process->pid, strerror(errno));
	}
	verifiers_reopen(current, &logs);
	logs_close(&current->logs);
	current->logs = logs;
	generation_use_log(current);
	log_notice("logs reopened");
	return 0;
}

/* For a client or, with NULL, a signal; master->outcome is of other things. */
void
reopen_obey(struct master *master, struct command_client *client)
{
	struct outcome outcome;
	int rc;

	outcome_clear(&outcome);
	rc = reopen_logs(master, &outcome);
	if (rc == -1)
		log_error("logs not reopened: the old ones are still in use");
	if (client == NULL)
		return;
	command_answer(client, outcome.text, false);
	command_answer(client,
	    rc == 0 ? "ok: logs reopened\n"
		    : "failed: the old logs are still in use\n",
	    true);
}
