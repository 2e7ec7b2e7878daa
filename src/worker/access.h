/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The access log: a copy into a buffer per request, a write now and then.
 *
 * Writing never waits (core/sink.h).  When whoever reads the log is too slow,
 * lines stay in the buffer until it is full; what cannot be written at all, or
 * has no room any more, is counted and dropped.  So a log never stops serving.
 */
#ifndef WORKER_ACCESS_H
#define WORKER_ACCESS_H

#include "core/counters.h"
#include "core/sink.h"
#include "worker/logfilter.h"
#include "worker/logline.h"

struct access {
	struct sink sink;    /* its fd -1: no access log */
	struct logline line; /* whoever writes fills in what it knows */
	struct logfilter filter;
	struct counters *counters; /* borrowed */
	bool each_line; /* a person waits for it, or syslogd takes no more */
	char *lines;
	size_t len;
	size_t cap;
	uint64_t nlines;   /* in the buffer */
	uint64_t nlost;    /* since somebody last set it to 0 */
	int lost_error;    /* errno of the last of them */
	int64_t resume_ms; /* it would have to wait: not before this time */
};

/*
 * Makes the log ready to write to fd, or to say nothing when fd is -1.
 * Returns 0, or -1 with errno ENOMEM.
 */
int access_init(struct access *access, const struct conf_access_log *conf,
    int fd, struct counters *counters);

static inline bool
access_is_on(const struct access *access)
{
	return access->sink.fd != -1;
}

/* To be called before the first flush when fd is of syslog_open(). */
void access_set_syslog(
    struct access *access, const char *path, enum syslog_facility facility);

/* Adds a line, unless the filter does not want it or there is no room. */
void access_add(struct access *access, const struct logline_entry *entry,
    const struct clock *clock);

/* True when another line may not fit, and flushing may help: do it first. */
bool access_must_flush(const struct access *access, int64_t now_ms);

/*
 * Writes what the buffer holds.  0, or -1 with errno: EAGAIN when lines are
 * still there, since writing them would have to wait; otherwise they are lost.
 */
int access_flush(struct access *access, int64_t now_ms);

/* Flushes and goes on to write to fd, unless there is no log. */
void access_reopen(struct access *access, int fd, int64_t now_ms);

/* Gives up what the buffer still holds: nobody will come and write it. */
void access_drop(struct access *access);

/* Frees all; *access says nothing afterwards. */
void access_fini(struct access *access);

#endif
