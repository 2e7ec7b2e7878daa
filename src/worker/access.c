/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/access.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* After a write that would have had to wait; a line may be asked for sooner. */
#define ACCESS_PAUSE_MS 10

static void
access_set_fd(struct access *access, int fd)
{
	sink_set_fd(&access->sink, fd);
	access->resume_ms = 0;
	access->each_line =
	    access->sink.kind == SINK_SYSLOG || (fd != -1 && isatty(fd) == 1);
}

int
access_init(struct access *access, const struct conf_access_log *conf, int fd,
    struct counters *counters)
{
	*access = (struct access){
		.sink = SINK_INIT(-1),
		.counters = counters,
		.cap = conf->buffer_bytes + SINK_LINE_BYTES,
	};
	if (fd == -1)
		return 0;
	logline_init(&access->line, &conf->compiled);
	access->lines = malloc(access->cap);
	if (access->lines == NULL ||
	    logfilter_init(&access->filter, conf) == -1)
		return -1;
	access_set_fd(access, fd);
	return 0;
}

void
access_set_syslog(
    struct access *access, const char *path, enum syslog_facility facility)
{
	syslog_init(&access->sink.syslog, path, facility);
}

static void
access_lose(struct access *access, uint64_t nlines, int error)
{
	access->nlost += nlines;
	access->lost_error = error;
	access->counters->log_dropped += nlines;
}

static bool
access_is_full(const struct access *access)
{
	return access->cap - access->len < SINK_LINE_BYTES;
}

bool
access_must_flush(const struct access *access, int64_t now_ms)
{
	return (access->each_line || access_is_full(access)) &&
	       access->len > 0 && now_ms >= access->resume_ms;
}

void
access_add(struct access *access, const struct logline_entry *entry,
    const struct clock *clock)
{
	if (entry->skipped ||
	    !logfilter_wants(&access->filter, entry->reply->response.status,
		entry->took_us)) {
		access->counters->log_skipped++;
		return;
	}
	if (access_is_full(access)) {
		access_lose(access, 1, EAGAIN);
		return;
	}
	access->len += logline_write(
	    &access->line, access->lines + access->len, entry, clock);
	access->nlines++;
}

static uint64_t
access_count(const char *lines, size_t len)
{
	uint64_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += lines[i] == '\n';
	return n;
}

int
access_flush(struct access *access, int64_t now_ms)
{
	size_t done =
	    sink_write(&access->sink, SYSLOG_INFO, access->lines, access->len);
	int error = errno;
	uint64_t nleft;

	if (done == access->len) {
		access->counters->log_lines += access->nlines;
		access->len = 0;
		access->nlines = 0;
		return 0;
	}
	nleft = access_count(access->lines + done, access->len - done);
	access->counters->log_lines += access->nlines - nleft;
	access->len -= done;
	access->nlines = nleft;
	if (error == EAGAIN) {
		memmove(access->lines, access->lines + done, access->len);
		access->resume_ms = now_ms + ACCESS_PAUSE_MS;
	} else {
		access_lose(access, nleft, error);
		access->len = 0;
		access->nlines = 0;
	}
	errno = error;
	return -1;
}

void
access_reopen(struct access *access, int fd, int64_t now_ms)
{
	/* It may be that the log was off when this worker began. */
	if (access->lines == NULL)
		return;
	/* What has to wait goes to the new one. */
	(void)access_flush(access, now_ms);
	access_set_fd(access, fd);
}

void
access_drop(struct access *access)
{
	access_lose(access, access->nlines, EAGAIN);
	access->len = 0;
	access->nlines = 0;
}

void
access_fini(struct access *access)
{
	logfilter_fini(&access->filter);
	free(access->lines);
	access->lines = NULL;
	access->sink.fd = -1;
}
