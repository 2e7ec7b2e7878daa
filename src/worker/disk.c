/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/disk.h"

#include <errno.h>
#include <event2/event.h>
#include <stddef.h>

#include "core/escape.h"
#include "serve/listing_read.h"
#include "worker/answer.h"
#include "worker/sending.h"

/* How long what was seen in memory is taken to be there. */
#define DISK_WARM_MS 1000

/* Who waited longer for a disk is named in the log. */
#define DISK_SLOW_MS 1000

/* How long threads may take to come back when all is over. */
#define DISK_STOP_MS 800

static struct exchange *
disk_exchange(struct errand_asker *asker)
{
	char *start = (char *)asker - offsetof(struct exchange, asker);

	return (struct exchange *)(void *)start;
}

static void
on_disk(evutil_socket_t fd, short what, void *arg)
{
	struct engine *engine = arg;
	struct errands *errands = &engine->errands;
	struct errand_asker *asker;
	struct errand *errand;

	(void)fd;
	(void)what;
	engine_tick(engine);
	/* What is left then leaves the descriptor readable. */
	for (unsigned i = 0; i < ERRAND_COUNT; i++) {
		errand = errand_take_done(errands);
		if (errand == NULL)
			break;
		while ((asker = errand_wake(errand)) != NULL)
			conn_go_on(disk_exchange(asker)->conn);
		errand_put(errands, errand);
	}
	while ((asker = errand_feed(errands)) != NULL)
		conn_go_on(disk_exchange(asker)->conn);
}

/* Roots that lie elsewhere; each worker has the same. */
static void
disk_tell_roots(const struct engine *engine)
{
	for (unsigned i = 0; i < engine->conf->nsites; i++) {
		const struct site *site = &engine->sites[i];
		const char *name = storage_name(site->root_fd);
		bool remote = site->storage == STORAGE_REMOTE;

		if (engine->args->slot != 0 || *name == '\0')
			continue;
		log_notice("%s is on %s: its files are %s", site->conf->root,
		    name,
		    remote ? "opened for each request, and read"
			   : "served as those of this machine, as "
			     "site.storage says");
	}
}

int
disk_init(struct engine *engine)
{
	const struct conf *conf = engine->conf;
	unsigned nthreads = (unsigned)conf->server.disk_threads;
	struct helpers *helpers = &engine->helpers;

	disk_tell_roots(engine);
	if (nthreads == 0)
		return 0;
	if (helpers_start(helpers, nthreads,
		(unsigned)conf->limits.connections + ERRAND_COUNT) == -1)
		return -1;
	(void)event_assign(&engine->disk, engine->base, helpers->done_fd,
	    EV_READ | EV_PERSIST, on_disk, engine);
	if (errands_init(&engine->errands, helpers, &engine->serve.cache.files,
		engine_buf_bytes(conf)) == -1)
		return -1;
	if (helpers->nthreads < nthreads)
		log_warn("%u of %u threads of server.disk_threads are there: "
			 "%s; raise the limit of processes, or ask for fewer",
		    helpers->nthreads, nthreads, strerror(EAGAIN));
	serve_use_errands(&engine->serve, &engine->errands);
	return event_add(&engine->disk, NULL);
}

bool
disk_stop(struct engine *engine)
{
	if (engine->helpers.done_fd == -1 ||
	    helpers_stop(&engine->helpers, DISK_STOP_MS))
		return true;
	log_warn("left threads behind that hang in a file system");
	return false;
}

void
disk_fini(struct engine *engine)
{
	if (engine->helpers.done_fd == -1)
		return;
	if (event_initialized(&engine->disk))
		(void)event_del(&engine->disk);
	errands_fini(&engine->errands);
}

enum step_next
disk_wait(struct conn *conn)
{
	struct exchange *exchange = conn->exchange;

	exchange->counters->disk_waits++;
	exchange->asked_ms = conn->engine->clock.mono_ms;
	return step_enter(conn, CONN_DISK);
}

/* Names a file that took long. */
static void
disk_tell(struct conn *conn)
{
	struct exchange *exchange = conn->exchange;
	int64_t took_ms = conn->engine->clock.mono_ms - exchange->asked_ms;
	char path[512];
	size_t len;

	if (took_ms < DISK_SLOW_MS ||
	    !engine_may_log(conn->engine, RATION_DISK, LOG_LEVEL_NOTICE))
		return;
	len = escape_log(path, sizeof(path), exchange->request.path);
	log_notice("waited %lld ms for the disk to %s \"%.*s\"",
	    (long long)took_ms, exchange->answering ? "read" : "open", (int)len,
	    path);
}

/* These bytes of a file are in memory now. */
static void
disk_note(
    const struct engine *engine, struct file *file, uint64_t from, uint64_t to)
{
	int64_t now_ms = engine->clock.mono_ms;

	if (now_ms - file->warm_ms >= DISK_WARM_MS || from > file->warm_to ||
	    to < file->warm_from) {
		file->warm_from = from;
		file->warm_to = to;
		file->warm_ms = now_ms;
		return;
	}
	if (from < file->warm_from)
		file->warm_from = from;
	if (to > file->warm_to)
		file->warm_to = to;
}

/* True when they were not long ago. */
static bool
disk_knows(const struct engine *engine, const struct file *file, uint64_t from,
    uint64_t to)
{
	return from >= file->warm_from && to <= file->warm_to &&
	       engine->clock.mono_ms - file->warm_ms < DISK_WARM_MS;
}

/* Copies what was read of a remote file, to be sent. */
static enum step_next
disk_take_bytes(struct conn *conn, const char *bytes, size_t n)
{
	struct exchange *exchange = conn->exchange;
	struct buf *out = exchange->out;

	if (bytes != out->data + out->len)
		memcpy(out->data + out->len, bytes, n);
	out->len += n;
	answer_hand_over(exchange, n);
	return step_flush_then(conn, CONN_FILE);
}

/* Goes on with an answer for which a thread has read. */
static enum step_next
disk_go_on(struct conn *conn, struct errand *errand)
{
	struct exchange *exchange = conn->exchange;

	switch (errand->kind) {
	case ERRAND_OPEN:
	case ERRAND_LIST: break;
	case ERRAND_SLICE:
		exchange->reply.listing = errand->listing;
		errand->listing = NULL;
		listing_take_back(exchange->reply.listing);
		break;
	case ERRAND_WARM:
	case ERRAND_READ:
		errno = errand->n == 0 ? ENODATA : errand->error;
		if (errand->n <= 0)
			return sending_abort(conn);
		if (errand->kind == ERRAND_READ)
			return disk_take_bytes(
			    conn, errand->bytes, (size_t)errand->n);
		disk_note(conn->engine, errand->file, errand->offset,
		    errand->offset + (uint64_t)errand->n);
		break;
	}
	return step_enter(conn, CONN_FILE);
}

enum step_next
disk_step(struct conn *conn)
{
	struct exchange *exchange = conn->exchange;
	struct errands *errands = &conn->engine->errands;
	struct errand *errand;
	enum step_next next;

	if (errand_is_due(&exchange->asker))
		return STEP_WAIT;
	disk_tell(conn);
	if (!exchange->answering)
		return step_enter(conn, CONN_ANSWER);
	/* It may have been waiting for no more than its turn to ask. */
	if (exchange->asker.nheld == 0)
		return step_enter(conn, CONN_FILE);
	/* Held, so that it stays when the exchange lets go. */
	errand = exchange->asker.held[0];
	errand->nholders++;
	errand_settle(errands, &exchange->asker);
	next = disk_go_on(conn, errand);
	errand_put(errands, errand);
	return next;
}

void
disk_give_up(struct conn *conn)
{
	struct exchange *exchange = conn->exchange;

	exchange->counters->disk_late++;
	errand_forget(&conn->engine->errands, &exchange->asker);
	if (exchange->answering) {
		errno = ETIME;
		(void)sending_abort(conn);
		return;
	}
	exchange->asker.late = true;
	(void)step_enter(conn, CONN_ANSWER);
}

ssize_t
disk_copy(const struct engine *engine, struct file *file, char *out,
    uint64_t offset, size_t len)
{
	if (engine->errands.helpers == NULL ||
	    file->storage == STORAGE_MEMORY ||
	    disk_knows(engine, file, offset, offset + len))
		return storage_read(file->fd, out, offset, len);
	if (file->storage == STORAGE_DISK)
		return storage_read_now(file->fd, out, offset, len);
	return -1;
}

/* True when len bytes of a file of this machine are in memory. */
static bool
disk_is_warm(
    const struct engine *engine, struct file *file, uint64_t offset, size_t len)
{
	if (disk_knows(engine, file, offset, offset + len))
		return true;
	if (storage_look(file->fd, offset, len) != STORAGE_RESIDENT)
		return false;
	disk_note(engine, file, offset, offset + len);
	return true;
}

bool
disk_has_slice(const struct conn *conn)
{
	const struct exchange *exchange = conn->exchange;
	struct file *file = exchange->reply.file;

	switch (file->storage) {
	case STORAGE_DISK: break;
	case STORAGE_MEMORY: return true;
	case STORAGE_REMOTE: return false;
	}
	return conn->engine->errands.helpers == NULL ||
	       disk_is_warm(conn->engine, file,
		   exchange->reply.offset + exchange->done,
		   answer_slice(exchange));
}

/* Nobody else waits for the disk: the loop does. */
static enum step_next
disk_read_here(struct conn *conn, uint64_t offset)
{
	struct exchange *exchange = conn->exchange;
	struct buf *out = exchange->out;
	size_t len = answer_slice(exchange);
	ssize_t n;

	if (len > out->cap - out->len)
		len = out->cap - out->len;
	n = storage_read(
	    exchange->reply.file->fd, out->data + out->len, offset, len);
	if (n > 0)
		return disk_take_bytes(conn, out->data + out->len, (size_t)n);
	if (n == 0)
		errno = ENODATA;
	return sending_abort(conn);
}

enum step_next
disk_read(struct conn *conn)
{
	struct exchange *exchange = conn->exchange;
	struct file *file = exchange->reply.file;
	uint64_t offset = exchange->reply.offset + exchange->done;

	if (conn->engine->errands.helpers == NULL)
		return disk_read_here(conn, offset);
	errand_read_file(&conn->engine->errands, &exchange->asker,
	    file->storage == STORAGE_REMOTE ? ERRAND_READ : ERRAND_WARM, file,
	    offset, answer_slice(exchange));
	return disk_wait(conn);
}

bool
disk_list_is_due(const struct engine *engine, const struct listing *listing)
{
	return engine->errands.helpers != NULL && listing_read_is_due(listing);
}

enum step_next
disk_read_list(struct conn *conn)
{
	struct exchange *exchange = conn->exchange;

	errand_read_slice(
	    &conn->engine->errands, &exchange->asker, &exchange->reply.listing);
	return disk_wait(conn);
}
