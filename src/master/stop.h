/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How the master stops, in steps that are never taken back (state.h):
 * it says that it is not ready and serves for timeouts.stop_delay, so that
 * whoever spreads the load looks elsewhere; workers finish what is open; or
 * they do not.
 */
#ifndef MASTER_STOP_H
#define MASTER_STOP_H

#include "master/state.h"

/* One step further: what SIGTERM asks for, each time. */
void stop_further(struct master *master);

/* At least as far as how. */
void stop_begin(struct master *master, enum master_stop how);

/* True until workers are told to leave. */
bool stop_is_serving(const struct master *master);

/* When stop_time() has something to do; INT64_MAX: never. */
int64_t stop_deadline(const struct master *master);
void stop_time(struct master *master);

#endif
