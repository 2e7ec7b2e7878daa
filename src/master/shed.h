/* SPDX-License-Identifier: BSD-2-Clause */
/* Idle connections of one worker that are to make room at another. */
#ifndef MASTER_SHED_H
#define MASTER_SHED_H

#include "master/state.h"

/* Tells the workers that others want something of, as the ledger says. */
void shed_pass_on(const struct master *master);

#endif
