/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the service manager that started us hears: that we are ready, reload,
 * stop, and, if it wants to know, that the master still goes round its loop.
 *
 * A message that it has no room for is sent again; the next one takes its
 * place, because only how things are counts.
 */
#ifndef MASTER_HERALD_H
#define MASTER_HERALD_H

#include "master/state.h"

/*
 * Finds out whether somebody wants to hear.  Comes before the master changes
 * its process number, because a watchdog names the one that was started.
 */
void herald_open(struct master *master);

/*
 * The configuration that is in force serves.  Who stops is not ready any more,
 * whatever changes meanwhile: then this and the next two say nothing.
 */
void herald_ready(struct master *master);

/* A reload has begun; herald_ready() or herald_failed() ends it. */
void herald_reloading(struct master *master);

/* What was under way failed for this reason; all is as it was. */
void herald_failed(struct master *master, const char *what, struct span reason);

/* We stop, which takes max_ms at the most. */
void herald_stopping(struct master *master, int64_t max_ms);

/* Process pid takes our place, and tells the rest. */
void herald_leave(struct master *master, pid_t pid);

/* In a child that becomes another master: lets it go on.  0, or -1. */
int herald_give(const struct master *master);

/* When herald_time() has something to do; INT64_MAX: never. */
int64_t herald_deadline(const struct master *master);
void herald_time(struct master *master);

/* Tells nobody any more. */
void herald_close(struct master *master);

#endif
