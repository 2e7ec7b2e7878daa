/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reloads when the files of the configuration have changed, if it says so
 * (server.watch_config).
 */
#ifndef MASTER_REFRESH_H
#define MASTER_REFRESH_H

#include "master/state.h"

/* When to look again; INT64_MAX: not now. */
int64_t refresh_deadline(const struct master *master);

/*
 * Looks, when it is time; what has changed since the last look may change
 * further, so a reload waits until nothing does.
 */
void refresh_time(struct master *master);

#endif
