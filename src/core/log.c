/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "core/sink.h"

#define LOG_LINE_BYTES 2048

_Static_assert(LOG_LINE_BYTES <= SINK_LINE_BYTES,
    "a line of the log must go in one piece");

static struct {
	struct sink sink;
	struct sink copy; /* errors and warnings too; fd -1: none */
	enum log_level level;
	uint64_t nlost; /* lines, since one was written */
	int lost_error; /* errno of the last of them */
	char name[32];
} log_state = {
	.sink = SINK_INIT(STDERR_FILENO),
	.copy = SINK_INIT(-1),
	.level = LOG_LEVEL_NOTICE,
	.name = "tined",
};

void
log_set_fd(int fd)
{
	sink_set_fd(&log_state.sink, fd);
}

int
log_fd(void)
{
	return log_state.sink.fd;
}

void
log_set_syslog(const char *path, enum syslog_facility facility)
{
	syslog_init(&log_state.sink.syslog, path, facility);
}

void
log_set_copy(int fd)
{
	sink_set_fd(&log_state.copy, fd);
}

void
log_set_level(enum log_level level)
{
	log_state.level = level;
}

bool
log_wants(enum log_level level)
{
	return level <= log_state.level;
}

void
log_set_name(const char *name)
{
	(void)snprintf(log_state.name, sizeof(log_state.name), "%s", name);
	/* It is the name of another process, which lost nothing yet. */
	log_state.nlost = 0;
}

/* What stands before the message; syslogd knows time and process already. */
static size_t
log_format_head(char line[LOG_LINE_BYTES], enum log_level level, bool syslog)
{
	static const char *const labels[] = {
		[LOG_LEVEL_ERROR] = "error",
		[LOG_LEVEL_WARN] = "warn",
		[LOG_LEVEL_NOTICE] = "notice",
		[LOG_LEVEL_INFO] = "info",
		[LOG_LEVEL_DEBUG] = "debug",
	};
	struct tm tm;
	time_t now;
	size_t len;

	if (syslog)
		return (size_t)snprintf(line, LOG_LINE_BYTES,
		    "%s %s: ", labels[level], log_state.name);
	now = time(NULL);
	(void)gmtime_r(&now, &tm);
	len = strftime(line, LOG_LINE_BYTES, "%Y-%m-%dT%H:%M:%SZ ", &tm);
	len += (size_t)snprintf(line + len, LOG_LINE_BYTES - len,
	    "%s %s[%ld]: ", labels[level], log_state.name, (long)getpid());
	return len;
}

/* Writes a line to sink; false with errno when it is lost. */
static bool log_write(struct sink *sink, enum log_level level, const char *fmt,
    va_list ap) __attribute__((format(printf, 3, 0)));

/* A line that does not fit is cut, and still ends in one newline. */
static bool
log_write(struct sink *sink, enum log_level level, const char *fmt, va_list ap)
{
	static const enum syslog_severity severities[] = {
		[LOG_LEVEL_ERROR] = SYSLOG_ERROR,
		[LOG_LEVEL_WARN] = SYSLOG_WARNING,
		[LOG_LEVEL_NOTICE] = SYSLOG_NOTICE,
		[LOG_LEVEL_INFO] = SYSLOG_INFO,
		[LOG_LEVEL_DEBUG] = SYSLOG_DEBUG,
	};
	char line[LOG_LINE_BYTES];
	size_t len = log_format_head(line, level, sink->kind == SINK_SYSLOG);
	int n = vsnprintf(line + len, sizeof(line) - len, fmt, ap);

	if (n > 0)
		len += (size_t)n;
	if (len > sizeof(line) - 1)
		len = sizeof(line) - 1;
	line[len++] = '\n';
	return sink_write(sink, severities[level], line, len) == len;
}

static bool log_say(struct sink *sink, enum log_level level, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));

static bool
log_say(struct sink *sink, enum log_level level, const char *fmt, ...)
{
	va_list ap;
	bool done;

	va_start(ap, fmt);
	done = log_write(sink, level, fmt, ap);
	va_end(ap);
	return done;
}

/* Says how many lines are missing here; false while that cannot be said. */
static bool
log_say_lost(void)
{
	if (log_state.nlost > 0 &&
	    !log_say(&log_state.sink, LOG_LEVEL_WARN,
		"lines of this log that are lost: %llu: %s; %s",
		(unsigned long long)log_state.nlost,
		strerror(log_state.lost_error),
		sink_advice(log_state.lost_error)))
		return false;
	log_state.nlost = 0;
	return true;
}

static void log_line(enum log_level level, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void
log_line(enum log_level level, const char *fmt, va_list ap)
{
	int saved_errno = errno;
	va_list again;

	if (!log_wants(level))
		return;
	va_copy(again, ap);
	if (!log_say_lost() || !log_write(&log_state.sink, level, fmt, ap)) {
		log_state.lost_error = errno;
		log_state.nlost++;
	}
	/* Where this fails nobody looks any more. */
	if (log_state.copy.fd != -1 && level <= LOG_LEVEL_WARN)
		(void)log_write(&log_state.copy, level, fmt, again);
	va_end(again);
	errno = saved_errno;
}

void
log_at(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(level, fmt, ap);
	va_end(ap);
}

void
log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LEVEL_ERROR, fmt, ap);
	va_end(ap);
}

void
log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LEVEL_WARN, fmt, ap);
	va_end(ap);
}

void
log_notice(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LEVEL_NOTICE, fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LEVEL_INFO, fmt, ap);
	va_end(ap);
}

void
log_debug(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LEVEL_DEBUG, fmt, ap);
	va_end(ap);
}
