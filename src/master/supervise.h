/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The watch over workers and verifiers: what they say, that they end, that they
 * stay.
 */
#ifndef MASTER_SUPERVISE_H
#define MASTER_SUPERVISE_H

#include "master/state.h"

/* Reads what workers said. */
void supervise_read(struct master *master);

/* Takes note of workers that ended, and plans their successors. */
void supervise_reap(struct master *master);

/* Kills who is late, starts whose time has come. */
void supervise_time(struct master *master);

/* When supervise_time() has something to do; INT64_MAX: never. */
int64_t supervise_deadline(const struct master *master);

/* Tells every worker to leave: when it has finished, or at once. */
void supervise_stop(struct master *master, bool at_once);

#endif
