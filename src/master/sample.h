/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looking at the accept queues, which only who holds the sockets can: once a
 * second while there is an [admin] that may be asked for them.
 */
#ifndef MASTER_SAMPLE_H
#define MASTER_SAMPLE_H

#include "master/state.h"

/* Writes on the board how many wait in each slot's queues. */
void sample_queues(const struct master *master);

/* When sample_time() has something to do; INT64_MAX: never. */
int64_t sample_deadline(const struct master *master);
void sample_time(struct master *master);

#endif
