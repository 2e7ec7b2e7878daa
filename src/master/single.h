/* SPDX-License-Identifier: BSD-2-Clause */
/* `tined -X`: a worker in the process that was started, and no master. */
#ifndef MASTER_SINGLE_H
#define MASTER_SINGLE_H

#include "master/master.h"

/*
 * Opens what a master opens and runs one worker in this very process, no fork.
 * Takes *confp.  Returns the exit status of the program.
 */
int single_run(struct conf **confp, const struct master_opts *opts);

#endif
