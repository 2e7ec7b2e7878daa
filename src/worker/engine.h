/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this folder share: one struct per worker process. */
#ifndef WORKER_ENGINE_H
#define WORKER_ENGINE_H

#include "core/bufpool.h"
#include "core/clock.h"
#include "core/slab.h"
#include "http/memo.h"
#include "http/response.h"
#include "serve/errand.h"
#include "serve/serve.h"
#include "worker/admin.h"
#include "worker/crowd.h"
#include "worker/deadline.h"
#include "worker/journal.h"
#include "worker/quota.h"
#include "worker/ration.h"
#include "worker/requestid.h"
#include "worker/turnaway.h"
#include "worker/verify.h"
#include "worker/worker.h"

struct listener;

/* Connections of [admin] at a time; limits.connections is for the others. */
#define ENGINE_ADMIN_CONNS 32

/* A time in the form that libevent takes. */
static inline struct timeval
engine_timeval(uint64_t ms)
{
	return (struct timeval){ .tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000 * 1000) };
}

struct engine {
	const struct worker_args *args;
	const struct conf *conf;
	struct counters *counters;
	struct counters apart; /* what [admin] counts, which nobody asks for */
	struct event_base *base;
	struct clock clock;
	struct response_common common; /* Date and Server of this second */
	struct request_limits limits;
	struct memo memo; /* of heads of requests */

	struct serve serve;
	struct site *sites;
	const struct maintenance
	    *flags; /* to look at once a second; NULL: none */
	struct slab conns;
	struct slab exchanges;
	size_t exchanges_most; /* at a time, but for those of [admin] */
	struct bufpool bufs;
	struct deadlines deadlines;
	struct verify verify;
	struct quota quota; /* of requests of a client */
	struct crowd crowd; /* of connections */
	struct turnaway turnaway;
	struct helpers helpers; /* who wait for disks */
	struct errands errands; /* what for */
	struct event disk;      /* some came back */
	struct admin admin;
	struct journals journals; /* access logs */
	struct event watch;       /* of folders that cached files live in */

	struct listener *listeners; /* [admin], our own, then adopted ones */
	unsigned nlisteners;
	int spare_fd; /* given up to tell clients that there is none */
	struct event accept_timer; /* ends a pause in accepting */
	/* Of the public listeners, and at [true] of those of [admin]. */
	bool accepting[2];          /* the master said so */
	bool paused[2];             /* for want of descriptors or room */
	bool draining;              /* answer, say close, leave */
	int64_t accept_warned_ms;   /* when the log last heard of a pause */
	int64_t shortage_warned_ms; /* and of limits.buffers */
	int64_t page_warned_ms;     /* and of an error page that is lost */
	struct ration ration;       /* of lines of the error log */
	struct event ration_timer;  /* the second of some is over */
	struct requestid requestid;
};

/*
 * Takes all that serving needs.  Returns 0, or -1 with errno; after either,
 * engine_fini() gives back what was taken.
 */
int engine_init(struct engine *engine, const struct worker_args *args);

/* The size of a buffer: for any head, and more. */
size_t engine_buf_bytes(const struct conf *conf);

/* True when limits.buffers lets no further request be in flight. */
static inline bool
engine_is_crowded(const struct engine *engine)
{
	return engine->exchanges.nlent >= engine->exchanges_most;
}

/* Every connection must be closed by now. */
void engine_fini(struct engine *engine);

/* Reads the clocks, and makes Date anew when it is another second. */
void engine_tick(struct engine *engine);

/*
 * True when a line of this level would be written, and this second has room for
 * one more of its kind that a client caused (worker/ration.h).
 */
bool engine_may_log(
    struct engine *engine, enum ration_kind kind, enum log_level level);

/* Where a connection is counted, and what happens on it. */
static inline struct counters *
engine_counters(struct engine *engine, bool admin)
{
	return admin ? &engine->apart : engine->counters;
}

/* To be called when a connection has gone: a drained worker leaves its loop. */
void engine_conn_closed(struct engine *engine);

#endif
