/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What only a master can see, as it is now: the accept queues, and who is gone
 * of those that another master left behind.  Once a second while there is an
 * [admin] that may be asked.
 */
#ifndef MASTER_SAMPLE_H
#define MASTER_SAMPLE_H

#include "master/state.h"

/* Writes it on the board. */
void sample_take(const struct master *master);

/* When sample_time() has something to do; INT64_MAX: never. */
int64_t sample_deadline(const struct master *master);
void sample_time(struct master *master);

#endif
