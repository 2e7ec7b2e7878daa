/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The access logs of a worker: that of all sites, and those that sites have of
 * their own.  Each has its buffer, the timer that writes it, and complaints.
 */
#ifndef WORKER_JOURNAL_H
#define WORKER_JOURNAL_H

#include <event2/event_struct.h>

#include "worker/access.h"

struct engine;

struct journal {
	struct engine *engine; /* that it belongs to */
	const struct conf_access_log *conf;
	struct access access;
	struct event timer;
	int own_fd;        /* ours to close; -1: somebody else closes it */
	int64_t warned_ms; /* when the log last heard that lines are lost */
	bool failing;      /* which is not yet said to be over */
};

struct journals {
	struct journal *all; /* as conf_log() numbers them */
	unsigned n;
	bool skip_paths; /* one of them has no lines of some paths */
};

/*
 * Makes all access logs of the engine ready; a worker that was forked owns
 * their descriptors from now on.  Returns 0, or -1 with errno ENOMEM.
 */
int journals_init(struct engine *engine);

/* The log of a site; of NULL that of what no site answered. */
struct journal *journal_of(
    const struct engine *engine, const struct site *site);

/* Adds a line, and sees that it will be written. */
void journal_add(struct journal *journal, const struct logline_entry *entry);

/*
 * Goes on to write the log of the site of that name, "" for that of all, to fd,
 * which is ours from now on.
 */
void journals_reopen(struct engine *engine, const char *name, int fd);

/* Writes what is left, and says what is lost. */
void journals_fini(struct engine *engine);

#endif
