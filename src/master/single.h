/* SPDX-License-Identifier: BSD-2-Clause */
/* `tined -X`: a worker in the process that was started, and no master. */
#ifndef MASTER_SINGLE_H
#define MASTER_SINGLE_H

#include "master/master.h"

/* Does what master_run_single() promises. */
int single_run(struct conf **confp, const struct master_opts *opts);

#endif
