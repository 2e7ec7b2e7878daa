/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/worker.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "os/fdpass.h"
#include "os/heap.h"
#include "worker/calls.h"
#include "worker/conn.h"
#include "worker/disk.h"
#include "worker/listener.h"
#include "worker/warm.h"

/* The worker's own part: what only this file needs. */
struct worker {
	struct engine engine;
	struct event control;
	struct event signals;
	struct event drain_timer;
	bool orphan;     /* the master is gone */
	bool grace_over; /* the drain timer now stands for the hard end */
	int signal_fd;
	int status;   /* of the process */
	int error_fd; /* the log, ours to close; -1: it is not */
};

/* Drains: no more connections; those that are open may finish. */
static void
worker_drain(struct worker *worker)
{
	struct engine *engine = &worker->engine;
	const struct timeval grace =
	    engine_timeval(engine->conf->timeouts.drain_grace_ms);
	bool stops;

	if (engine->draining)
		return;
	engine->draining = true;
	/* If nobody takes over, who asks whether we are ready must hear no. */
	stops = worker->orphan || engine->args->control_fd == -1 ||
		engine->args->board->ready == 0;
	if (stops)
		admin_stop(&engine->admin);
	listeners_leave(engine, stops);
	/* A master that is gone need not know. */
	if (engine->args->control_fd != -1)
		(void)fdpass_send(
		    engine->args->control_fd, WORKER_STOPPED, NULL, 0);
	log_info("draining: %zu connections are open", engine->conns.nlent);
	if (engine->conns.nlent == 0)
		(void)event_base_loopbreak(engine->base);
	else
		(void)event_add(&worker->drain_timer, &grace);
}

/* First the end of the grace for idle connections, then of all patience. */
static void
on_drain_timer(evutil_socket_t fd, short what, void *arg)
{
	struct worker *worker = arg;
	struct engine *engine = &worker->engine;
	const struct conf_timeouts *timeouts = &engine->conf->timeouts;
	struct timeval rest = { 0 };

	(void)fd;
	(void)what;
	engine_tick(engine);
	if (!worker->grace_over) {
		worker->grace_over = true;
		conn_close_idle(engine);
		if (timeouts->drain_ms > timeouts->drain_grace_ms)
			rest = engine_timeval(
			    timeouts->drain_ms - timeouts->drain_grace_ms);
		(void)event_add(&worker->drain_timer, &rest);
		return;
	}
	log_warn("cut off %zu connections that timeouts.drain did not suffice "
		 "for",
	    engine->conns.nlent);
	(void)event_base_loopbreak(engine->base);
}

static void
worker_set_error_fd(struct worker *worker, int fd)
{
	worker->error_fd = warm_replace(worker->error_fd, fd);
	log_set_fd(worker->error_fd);
}

/* Takes new access logs; text has the name of the site of each. */
static void
worker_set_access_fds(
    struct worker *worker, const char *text, const int *fds, unsigned nfds)
{
	for (unsigned i = 0; i < nfds; i++) {
		journals_reopen(&worker->engine, text, fds[i]);
		text += strlen(text) + 1;
	}
}

static void
on_control(evutil_socket_t fd, short what, void *arg)
{
	struct worker *worker = arg;
	int fds[FDPASS_MAX];
	unsigned nfds;
	char message[WORKER_MESSAGE_BYTES];
	ssize_t n;

	(void)what;
	engine_tick(&worker->engine);
	n = fdpass_recv_text(fd, message, sizeof(message), fds, &nfds);
	if (n == -1)
		return; /* EAGAIN, EINTR: libevent calls again */
	if (n == 0) {
		log_error("the master is gone: finishing what is open");
		(void)event_del(&worker->control);
		worker->orphan = true;
		worker_drain(worker);
		return;
	}
	switch (message[0]) {
	case WORKER_ACCEPT: listeners_start(&worker->engine); break;
	case WORKER_DRAIN: worker_drain(worker); break;
	case WORKER_REOPEN:
		if (nfds > 0)
			worker_set_error_fd(worker, fds[0]);
		else
			log_error("kept the old error log: no descriptor is "
				  "left for the new one; raise ulimit -n, or "
				  "lower limits.connections");
		break;
	case WORKER_LOGS:
		worker_set_access_fds(worker, message + 1, fds, nfds);
		break;
	case WORKER_ADOPT: listeners_adopt(&worker->engine, fds, nfds); break;
	case WORKER_VERIFIER:
		if (nfds > 0)
			verify_use(&worker->engine, fds[0]);
		break;
	case WORKER_SHED: crowd_shed(&worker->engine); break;
	case WORKER_RELEASE: listeners_release(&worker->engine); break;
	default: log_error("unknown message from the master: %d", message[0]);
	}
}

static void
on_signal(evutil_socket_t fd, short what, void *arg)
{
	struct worker *worker = arg;
	struct signalfd_siginfo info;

	(void)what;
	if (read(fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	engine_tick(&worker->engine);
	if (info.ssi_signo == SIGINT)
		(void)event_base_loopbreak(worker->engine.base);
	else
		worker_drain(worker);
}

static int
worker_open_signals(struct worker *worker)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGQUIT);
	(void)sigaddset(&set, SIGINT);
	worker->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return worker->signal_fd == -1 ? -1 : 0;
}

static int
worker_watch(struct worker *worker)
{
	struct event_base *base = worker->engine.base;
	struct counters *counters = worker->engine.counters;
	int control_fd = worker->engine.args->control_fd;

	(void)evtimer_assign(
	    &worker->drain_timer, base, on_drain_timer, worker);
	(void)event_assign(&worker->signals, base, worker->signal_fd,
	    EV_READ | EV_PERSIST, on_signal, worker);
	if (event_add(&worker->signals, NULL) == -1)
		return -1;
	if (control_fd != -1) {
		(void)event_assign(&worker->control, base, control_fd,
		    EV_READ | EV_PERSIST, on_control, worker);
		/* What the master said before a client asked comes first. */
		(void)event_priority_set(&worker->control, 0);
		if (event_add(&worker->control, NULL) == -1)
			return -1;
	}
	/* Alone it removes files when it ends. */
	if (control_fd != -1 &&
	    calls_limit(worker->engine.conf, SANDBOX_CALLS_WORKER,
		worker->engine.args->sandbox) == -1) {
		errno = EPERM;
		return -1;
	}
	/* From here on nothing that a client does may touch the heap. */
	heap_count_into(&counters->now.heap_calls, &counters->now.heap_bytes);
	if (control_fd == -1) {
		listeners_start(&worker->engine);
		return 0;
	}
	return fdpass_send(control_fd, WORKER_READY, NULL, 0);
}

static void
worker_serve(struct worker *worker)
{
	struct engine *engine = &worker->engine;

	if (event_base_dispatch(engine->base) == -1) {
		log_error("the event loop failed: %s", strerror(errno));
		worker->status = 1;
	}
	engine_tick(engine);
	conn_close_all(engine);
	heap_count_stop();
	log_info("leaving: %llu connections, %llu requests, %zu buffers lent",
	    (unsigned long long)engine->counters->accepted,
	    (unsigned long long)engine->counters->requests,
	    engine->bufs.slab.nlent);
}

/* A start that failed did not come to all of them. */
static void
worker_forget_event(struct event *event)
{
	if (event_initialized(event))
		(void)event_del(event);
}

static void
worker_close(struct worker *worker)
{
	worker_forget_event(&worker->drain_timer);
	worker_forget_event(&worker->signals);
	worker_forget_event(&worker->control);
	engine_fini(&worker->engine);
	if (worker->signal_fd != -1)
		(void)close(worker->signal_fd);
	if (worker->error_fd != -1) {
		log_set_fd(STDERR_FILENO);
		(void)close(worker->error_fd);
	}
}

/* The end may be long in coming: neither the master nor clients wait for us. */
static void
worker_hang_up(struct worker *worker)
{
	struct engine *engine = &worker->engine;

	engine->accepting[false] = false;
	listeners_leave(engine, false);
	if (engine->args->control_fd != -1)
		(void)close(engine->args->control_fd);
}

void
worker_look_at_flags(
    const struct maintenance *maintenance, const struct conf *conf)
{
	for (unsigned i = 0; i < conf->nsites; i++) {
		const struct conf_site *site = &conf->sites[i];
		const char *colon = site->name[0] == '\0' ? "" : ":";

		if (!maintenance_look(maintenance, conf, i))
			continue;
		if (maintenance->closed[i] != 0)
			log_notice("[site%s%s] is closed for maintenance: %s "
				   "is there",
			    colon, site->name, site->maintenance);
		else
			log_notice("[site%s%s] is open again: %s is gone",
			    colon, site->name, site->maintenance);
	}
}

int
worker_run(const struct worker_args *args)
{
	struct worker worker = { .signal_fd = -1, .error_fd = -1 };

	/* Forked, it owns the log it was born with, until it gets another. */
	if (args->control_fd != -1)
		worker.error_fd = log_fd();
	if (engine_init(&worker.engine, args) == -1 ||
	    worker_open_signals(&worker) == -1 || worker_watch(&worker) == -1) {
		log_error("cannot start the worker: %s", strerror(errno));
		worker.status = 1;
	} else {
		worker_serve(&worker);
	}
	/* What hangs may still read what would be freed. */
	if (disk_stop(&worker.engine))
		worker_close(&worker);
	else
		worker_hang_up(&worker);
	return worker.status;
}
