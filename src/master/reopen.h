/* SPDX-License-Identifier: BSD-2-Clause */
/* New files for the lines of all logs, after a rotation. */
#ifndef MASTER_REOPEN_H
#define MASTER_REOPEN_H

#include "master/command.h"

struct master;

/*
 * Opens the logs anew, for all processes, or keeps the old ones and says why.
 * For a client or, with NULL, a signal.
 */
void reopen_obey(struct master *master, struct command_client *client);

#endif
