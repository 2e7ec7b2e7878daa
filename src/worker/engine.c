/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/engine.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <time.h>

#include "worker/conn.h"
#include "worker/exchange.h"
#include "worker/listener.h"
#include "worker/warm.h"

/* How often the log hears of an access log that fails. */
#define ENGINE_WARN_EVERY_MS 60000

/* Until what the access log could not write without waiting is tried again. */
#define ENGINE_LOG_RETRY_MS 100

/* Room behind the largest head: for a body, and for pipelined requests. */
#define ENGINE_BUF_SLACK 4096

/* No buffer is smaller: answers to pipelined requests are gathered in one. */
#define ENGINE_BUF_MIN (16 * 1024)

void
engine_tick(struct engine *engine)
{
	if (clock_update(&engine->clock))
		date_format_imf(engine->common.date, engine->clock.wall_s);
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

/* Once a minute says what is lost; at once that it is over. */
static void
engine_tell_lost(struct engine *engine, bool works)
{
	struct access *access = &engine->access;
	const char *path = engine->conf->access_log.path;
	int64_t now_ms = engine->clock.mono_ms;

	if (access->nlost == 0)
		return;
	if (works && engine->log_failing) {
		log_notice("access log %s is written again; lines lost: %llu",
		    path, (unsigned long long)access->nlost);
		engine->log_failing = false;
		access->nlost = 0;
		return;
	}
	if (engine->log_warned_ms != 0 &&
	    now_ms - engine->log_warned_ms < ENGINE_WARN_EVERY_MS)
		return;
	engine->log_warned_ms = now_ms;
	engine->log_failing = !works;
	log_error("access log %s: %s; lines lost so far: %llu; %s", path,
	    strerror(access->lost_error), (unsigned long long)access->nlost,
	    sink_advice(access->lost_error));
	if (works)
		access->nlost = 0;
}

static void
engine_flush_access(struct engine *engine)
{
	const struct timeval retry = engine_timeval(ENGINE_LOG_RETRY_MS);
	struct access *access = &engine->access;
	int result = access_flush(access, engine->clock.mono_ms);

	if (access->len > 0)
		(void)event_add(&engine->access_timer, &retry);
	engine_tell_lost(engine, result == 0);
}

static void
on_access_timer(evutil_socket_t fd, short what, void *arg)
{
	struct engine *engine = arg;

	(void)fd;
	(void)what;
	engine_tick(engine);
	engine_flush_access(engine);
}

void
engine_log_access(struct engine *engine, const struct logline_entry *entry)
{
	struct access *access = &engine->access;
	int64_t now_ms = engine->clock.mono_ms;
	bool first;

	if (!access->each_line && access_must_flush(access, now_ms))
		engine_flush_access(engine);
	first = access->len == 0;
	access_add(access, entry, &engine->clock);
	if (access->each_line) {
		if (access_must_flush(access, now_ms))
			engine_flush_access(engine);
	} else if (first && access->len > 0) {
		const struct timeval flush =
		    engine_timeval(engine->conf->access_log.flush_ms);

		/* Without the timer the line waits for a full buffer. */
		(void)event_add(&engine->access_timer, &flush);
	}
}

void
engine_reopen_access(struct engine *engine, int fd)
{
	access_reopen(&engine->access, fd, engine->clock.mono_ms);
}

static int
engine_init_access(struct engine *engine)
{
	const struct worker_args *args = engine->args;
	const struct conf_server *server = &engine->conf->server;
	struct access *access = &engine->access;

	if (access_init(access, &engine->conf->access_log, args->access_fd,
		engine->counters) == -1)
		return -1;
	access_set_syslog(
	    access, server->syslog_socket, server->syslog_facility);
	access->line.slot = args->slot;
	access->line.generation = args->generation;
	return 0;
}

/* The last that there is to say. */
static void
engine_close_logs(struct engine *engine)
{
	struct access *access = &engine->access;

	if (access_is_on(access) && access->len > 0)
		engine_flush_access(engine);
	if (access->len > 0) {
		access_drop(access);
		engine_tell_lost(engine, false);
	}
	(void)event_del(&engine->access_timer);
	(void)event_del(&engine->ration_timer);
	ration_tell(&engine->ration, -1);
	access_fini(access);
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

	return serve_init(&engine->serve, engine->sites, conf->nsites, &opts,
	    &conf->mime, engine->counters);
}

size_t
engine_buf_bytes(const struct conf *conf)
{
	size_t bytes = conf->limits.head_bytes + ENGINE_BUF_SLACK;

	return bytes < ENGINE_BUF_MIN ? ENGINE_BUF_MIN : bytes;
}

/* What must not fail once clients are there is taken now. */
static int
engine_init_memory(struct engine *engine)
{
	const struct conf *conf = engine->conf;
	size_t nconns = conf->limits.connections + ENGINE_ADMIN_CONNS;

	/* gmtime_r(3) would read the time zone when a log first asks it. */
	tzset();
	slab_init(&engine->conns, sizeof(struct conn), TINED_POOL_KEEP);
	slab_init(&engine->exchanges, sizeof(struct exchange), TINED_POOL_KEEP);
	bufpool_init(&engine->bufs, engine_buf_bytes(conf), TINED_POOL_KEEP);
	slab_reserve(&engine->conns, nconns);
	slab_reserve(&engine->exchanges, nconns);
	bufpool_reserve(&engine->bufs, EXCHANGE_BUFS * nconns);
	if (engine_init_serve(engine) == -1 ||
	    memo_init(&engine->memo, (unsigned)conf->cache.heads) == -1)
		return -1;
	engine->limits.memo = &engine->memo;
	if (admin_init(&engine->admin, engine->args->board,
		conf->admin.addresses.nitems > 0) == -1)
		return -1;
	requestid_init(&engine->requestid);
	return engine_init_access(engine);
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
		.common.server = SERVE_NAME,
		.limits = serve_limits(args->conf),
	};
	verify_init(engine);
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
	if (warm_base(engine->base,
		(unsigned)(limits->connections + args->conf->cache.files +
			   ENGINE_ADMIN_CONNS)) == -1)
		return -1;
	engine->sites = sites_make(args->conf, args->root_fds);
	if (engine->sites == NULL || engine_init_memory(engine) == -1 ||
	    engine_init_watch(engine) == -1 || listeners_init(engine) == -1)
		return -1;
	engine_init_deadlines(engine);
	if (args->verify_fd != -1)
		verify_use(engine, args->verify_fd);
	(void)evtimer_assign(
	    &engine->access_timer, engine->base, on_access_timer, engine);
	(void)evtimer_assign(
	    &engine->ration_timer, engine->base, on_ration_timer, engine);
	engine_tick(engine);
	return 0;
}

void
engine_fini(struct engine *engine)
{
	if (engine->listeners != NULL) {
		engine_close_logs(engine);
		deadlines_fini(&engine->deadlines);
		verify_fini(engine);
		if (engine->serve.cache.watch.fd != -1)
			(void)event_del(&engine->watch);
		listeners_fini(engine);
		admin_fini(&engine->admin);
		serve_fini(&engine->serve);
		memo_fini(&engine->memo);
		bufpool_fini(&engine->bufs);
		slab_fini(&engine->exchanges);
		slab_fini(&engine->conns);
	}
	sites_free(&engine->sites, engine->conf->nsites);
	if (engine->base != NULL)
		event_base_free(engine->base);
}
