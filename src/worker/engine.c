/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/engine.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <time.h>

#include "worker/conn.h"
#include "worker/disk.h"
#include "worker/exchange.h"
#include "worker/footprint.h"
#include "worker/listener.h"
#include "worker/pace.h"
#include "worker/warm.h"

/* Timers at a time, beside those of access logs of sites. */
#define ENGINE_TIMERS 8

/* Room behind the largest head: for a body, and for pipelined requests. */
#define ENGINE_BUF_SLACK 4096

/* No buffer is smaller: answers to pipelined requests are gathered in one. */
#define ENGINE_BUF_MIN (16 * 1024)

void
engine_tick(struct engine *engine)
{
	if (!clock_update(&engine->clock))
		return;
	date_format_imf(engine->common.date, engine->clock.wall_s);
	if (engine->flags != NULL)
		worker_look_at_flags(engine->flags, engine->conf);
}

bool
engine_may_log(
    struct engine *engine, enum ration_kind kind, enum log_level level)
{
	/* A little more than the second that is to be over by then. */
	const struct timeval later = { .tv_sec = 1, .tv_usec = 100000 };

	if (!log_wants(level))
		return false;
	if (ration_take(&engine->ration, kind, level, engine->clock.wall_s))
		return true;
	if (!evtimer_pending(&engine->ration_timer, NULL))
		/* Without it the next line of this kind says it. */
		(void)event_add(&engine->ration_timer, &later);
	return false;
}

static void
on_ration_timer(evutil_socket_t fd, short what, void *arg)
{
	struct engine *engine = arg;

	(void)fd;
	(void)what;
	engine_tick(engine);
	ration_tell(&engine->ration, engine->clock.wall_s);
}

void
engine_conn_closed(struct engine *engine)
{
	if (engine->draining && engine->conns.nlent == 0)
		(void)event_base_loopbreak(engine->base);
	else
		listeners_resume(engine);
}

static void
on_watch(evutil_socket_t fd, short what, void *arg)
{
	struct engine *engine = arg;

	(void)fd;
	(void)what;
	dirwatch_read(&engine->serve.cache.watch);
}

/* At a higher priority than sockets: no answer is older than an event. */
static int
engine_init_watch(struct engine *engine)
{
	int fd = engine->serve.cache.watch.fd;

	if (fd == -1)
		return 0;
	(void)event_assign(&engine->watch, engine->base, fd,
	    EV_READ | EV_PERSIST, on_watch, engine);
	(void)event_priority_set(&engine->watch, 0);
	return event_add(&engine->watch, NULL);
}

static void
engine_init_deadlines(struct engine *engine)
{
	const struct conf_timeouts *timeouts = &engine->conf->timeouts;
	const int64_t wait_ms[DEADLINE_KINDS] = {
		[DEADLINE_FIRST_BYTE] = (int64_t)timeouts->first_byte_ms,
		[DEADLINE_KEEPALIVE] = (int64_t)timeouts->keepalive_ms,
		[DEADLINE_HEAD] = (int64_t)timeouts->head_ms,
		[DEADLINE_BODY] = (int64_t)timeouts->body_ms,
		[DEADLINE_SEND] = (int64_t)timeouts->send_ms,
		[DEADLINE_LINGER] = (int64_t)timeouts->linger_ms,
		[DEADLINE_VERIFY] = (int64_t)timeouts->verify_ms,
		[DEADLINE_PACE] = PACE_TICK_MS,
		[DEADLINE_DISK] = (int64_t)timeouts->disk_ms,
	};

	deadlines_init(
	    &engine->deadlines, engine->base, wait_ms, conn_on_expired, engine);
}

static int
engine_init_serve(struct engine *engine)
{
	const struct conf *conf = engine->conf;
	const struct filecache_opts opts = {
		.nfiles = (unsigned)conf->cache.files,
		.nmissing = (unsigned)conf->cache.missing,
		.memory_bytes = conf->cache.memory_bytes,
		.small_bytes = conf->cache.small_bytes,
		.valid_ms = (int64_t)conf->cache.valid_ms,
		.keep = TINED_POOL_KEEP,
	};

	if (serve_init(&engine->serve, engine->sites, conf->nsites, &opts,
		&conf->mime.map, engine->counters) == -1)
		return -1;
	return serve_init_listings(&engine->serve, engine->sites, conf->nsites,
	    conf->limits.listing_bytes, conf->limits.connections);
}

size_t
engine_buf_bytes(const struct conf *conf)
{
	size_t bytes = conf->limits.head_bytes + ENGINE_BUF_SLACK;

	return bytes < ENGINE_BUF_MIN ? ENGINE_BUF_MIN : bytes;
}

/* Manifests that are wanted and cannot be used; each worker has the same. */
static void
engine_tell_manifests(const struct engine *engine)
{
	for (unsigned i = 0; i < engine->conf->nsites; i++) {
		const struct site *site = &engine->sites[i];

		if (site->manifest_error != 0 && engine->args->slot == 0)
			log_warn("%s/%s is not used: %s; run tined manifest, "
				 "then tined -s reload",
			    site->conf->root, CONF_MANIFEST_NAME,
			    site_manifest_problem(site));
	}
}

/* What must not fail once clients are there is taken now. */
static int
engine_init_memory(struct engine *engine)
{
	const struct conf *conf = engine->conf;
	size_t nconns = conf->limits.connections + ENGINE_ADMIN_CONNS;
	size_t nexchanges;

	/* gmtime_r(3) would read the time zone when a log first asks it. */
	tzset();
	slab_init(&engine->conns, sizeof(struct conn), TINED_POOL_KEEP);
	slab_init(&engine->exchanges, sizeof(struct exchange), TINED_POOL_KEEP);
	bufpool_init(&engine->bufs, engine_buf_bytes(conf), TINED_POOL_KEEP);
	slab_reserve(&engine->conns, nconns);
	engine->exchanges_most =
	    footprint_exchanges(conf, engine->args->buffers_bytes);
	nexchanges = engine->exchanges_most + ENGINE_ADMIN_CONNS;
	slab_reserve(&engine->exchanges, nexchanges);
	bufpool_reserve(&engine->bufs, EXCHANGE_BUFS * nexchanges);
	engine->counters->now.memory_most =
	    footprint_bytes(conf, engine->args->buffers_bytes);
	if (engine_init_serve(engine) == -1 ||
	    memo_init(&engine->memo, (unsigned)conf->cache.heads) == -1)
		return -1;
	engine->limits.memo = &engine->memo;
	if (admin_init(&engine->admin, engine->args->board,
		conf->admin.addresses.nitems > 0) == -1)
		return -1;
	crowd_init(engine);
	if (turnaway_init(engine) == -1 || quota_init(engine) == -1)
		return -1;
	requestid_init(&engine->requestid);
	return journals_init(engine);
}

/* Alone, nobody else looks at the flags. */
static void
engine_init_maintenance(struct engine *engine)
{
	const struct worker_args *args = engine->args;

	maintenance_tell(args->maintenance, engine->sites);
	if (args->control_fd == -1 && maintenance_has_flags(engine->conf))
		engine->flags = args->maintenance;
}

int
engine_init(struct engine *engine, const struct worker_args *args)
{
	const struct conf_limits *limits = &args->conf->limits;
	struct event_config *config = event_config_new();

	*engine = (struct engine){
		.args = args,
		.conf = args->conf,
		.counters = args->counters,
		.common.server = serve_name(args->conf),
		.limits = serve_limits(args->conf),
		.spare_fd = -1,
	};
	verify_init(engine);
	engine->helpers.done_fd = -1;
	if (config == NULL)
		return -1;
	/* The environment must not switch on epoll changelists (dup'ed fds). */
	(void)event_config_set_flag(
	    config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV);
	engine->base = event_base_new_with_config(config);
	event_config_free(config);
	if (engine->base == NULL ||
	    event_base_priority_init(engine->base, 2) == -1)
		return -1;
	/* Before the watch has events, which the warming would handle. */
	if (warm_base(engine->base, ENGINE_TIMERS + args->conf->nsite_logs,
		(unsigned)(limits->connections + args->conf->cache.files +
			   ENGINE_ADMIN_CONNS)) == -1)
		return -1;
	engine->sites = sites_make(args->conf, args->root_fds);
	if (engine->sites != NULL)
		engine_init_maintenance(engine);
	if (engine->sites == NULL || engine_init_memory(engine) == -1 ||
	    engine_init_watch(engine) == -1 || listeners_init(engine) == -1)
		return -1;
	engine_tell_manifests(engine);
	engine_init_deadlines(engine);
	if (args->verify_fd != -1)
		verify_use(engine, args->verify_fd);
	(void)evtimer_assign(
	    &engine->ration_timer, engine->base, on_ration_timer, engine);
	engine_tick(engine);
	return disk_init(engine);
}

void
engine_fini(struct engine *engine)
{
	if (engine->listeners != NULL) {
		journals_fini(engine);
		(void)event_del(&engine->ration_timer);
		ration_tell(&engine->ration, -1);
		deadlines_fini(&engine->deadlines);
		verify_fini(engine);
		if (engine->serve.cache.watch.fd != -1)
			(void)event_del(&engine->watch);
		listeners_fini(engine);
		admin_fini(&engine->admin);
		disk_fini(engine);
		serve_fini(&engine->serve);
		quota_fini(&engine->quota);
		turnaway_fini(&engine->turnaway);
		helpers_fini(&engine->helpers);
		memo_fini(&engine->memo);
		bufpool_fini(&engine->bufs);
		slab_fini(&engine->exchanges);
		slab_fini(&engine->conns);
	}
	sites_free(&engine->sites, engine->conf->nsites);
	if (engine->base != NULL)
		event_base_free(engine->base);
}
