/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define LOG_LINE_BYTES 2048

static struct {
	int fd;
	int copy_fd; /* errors and warnings too; -1: none */
	enum log_level level;
	char name[32];
} log_state = {
	.fd = STDERR_FILENO,
	.copy_fd = -1,
	.level = LOG_LEVEL_NOTICE,
	.name = "tined",
};

void
log_set_fd(int fd)
{
	log_state.fd = fd;
}

int
log_fd(void)
{
	return log_state.fd;
}

void
log_set_copy(int fd)
{
	log_state.copy_fd = fd;
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
}

/* Where the log itself fails there is nowhere left to say so. */
static void
log_write(int fd, const char *line, size_t len)
{
	while (write(fd, line, len) == -1 && errno == EINTR)
		continue;
}

/* A line that does not fit is cut, and still ends in one newline. */
static void log_line(enum log_level level, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void
log_line(enum log_level level, const char *fmt, va_list ap)
{
	static const char *const labels[] = {
		[LOG_LEVEL_ERROR] = "error",
		[LOG_LEVEL_WARN] = "warn",
		[LOG_LEVEL_NOTICE] = "notice",
		[LOG_LEVEL_INFO] = "info",
		[LOG_LEVEL_DEBUG] = "debug",
	};
	char line[LOG_LINE_BYTES];
	int saved_errno = errno;
	struct tm tm;
	time_t now;
	size_t len;
	int n;

	if (!log_wants(level))
		return;
	now = time(NULL);
	(void)gmtime_r(&now, &tm);
	len = strftime(line, sizeof(line), "%Y-%m-%dT%H:%M:%SZ ", &tm);
	n = snprintf(line + len, sizeof(line) - len,
	    "%s %s[%ld]: ", labels[level], log_state.name, (long)getpid());
	len += n > 0 ? (size_t)n : 0;
	n = vsnprintf(line + len, sizeof(line) - len, fmt, ap);
	if (n > 0)
		len += (size_t)n;
	if (len > sizeof(line) - 1)
		len = sizeof(line) - 1;
	line[len++] = '\n';
	log_write(log_state.fd, line, len);
	if (log_state.copy_fd != -1 && level <= LOG_LEVEL_WARN)
		log_write(log_state.copy_fd, line, len);
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
