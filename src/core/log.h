/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The error log: one line per event, for the operator.
 *
 *   2026-11-23T17:52:25Z warn worker 0[4711]: what happened; what helps
 *
 * A line is written whole (core/sink.h), so lines of several processes do not
 * mix, and one that would have to wait is lost; how many were is said as soon
 * as one can be written again.  A mutable global, of which there are two more:
 * the signal flags, and where the heap is counted (os/heap.c).  core, os, http,
 * conf, serve and status do not log: they return an error, and the caller that
 * decides says it.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <stdbool.h>

#include "core/syslog.h"

enum log_level {
	LOG_LEVEL_ERROR,  /* something is lost or refused: act */
	LOG_LEVEL_WARN,   /* it works, but will not for long: look */
	LOG_LEVEL_NOTICE, /* starts, stops, reloads */
	LOG_LEVEL_INFO,   /* refused requests and other clients' mistakes */
	LOG_LEVEL_DEBUG,
};

/*
 * Lines go to fd from now on; the log borrows it.  At first it is 2.  One of
 * syslog_open() gets them as syslogd wants them.
 */
void log_set_fd(int fd);
int log_fd(void);

/* How to reach syslogd when it is that; path is copied. */
void log_set_syslog(const char *path, enum syslog_facility facility);

/*
 * Errors and warnings go to fd as well; -1: no more.  For the terminal, as
 * long as somebody waits in front of it for the server to start.
 */
void log_set_copy(int fd);

/* Lines above this level are dropped.  At first it is NOTICE. */
void log_set_level(enum log_level level);

/* True when a line of this level would not be dropped. */
bool log_wants(enum log_level level);

/* A line of any level, for those who choose it at run time. */
void log_at(enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Whom the line comes from: "master", "worker 3".  Copied, 31 bytes at most. */
void log_set_name(const char *name);

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_notice(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
