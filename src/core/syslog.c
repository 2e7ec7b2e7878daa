/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/syslog.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include "core/clock.h"

/* Between two tries to reach a syslogd that has gone. */
#define SYSLOG_RETRY_US 1000000

/* "<191>Nov 23 17:52:25 tined[4194304]: " */
#define SYSLOG_HEAD_BYTES 64

static int
syslog_connect(int fd, const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(addr.sun_path, path, strlen(path));
	return connect(
	    fd, (const struct sockaddr *)(const void *)&addr, sizeof(addr));
}

int
syslog_open(const char *path, int *missing)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	*missing = 0;
	if (fd != -1 && syslog_connect(fd, path) == -1)
		*missing = errno;
	return fd;
}

void
syslog_init(
    struct syslog *syslog, const char *path, enum syslog_facility facility)
{
	time_t now = time(NULL);
	struct tm local;

	*syslog = (struct syslog){ .facility = facility };
	(void)snprintf(syslog->path, sizeof(syslog->path), "%s", path);
	/*
	 * The time is local (RFC 3164 4.1.2), and most receivers look at their
	 * own clock instead.  Asking libc for each line may touch the heap.
	 */
	if (localtime_r(&now, &local) != NULL)
		syslog->offset_s = local.tm_gmtoff;
}

static size_t
syslog_format_head(const struct syslog *syslog, enum syslog_severity severity,
    char out[SYSLOG_HEAD_BYTES])
{
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	static const int facilities[] = {
		[SYSLOG_DAEMON] = 3,
		[SYSLOG_USER] = 1,
		[SYSLOG_LOCAL0] = 16,
		[SYSLOG_LOCAL1] = 17,
		[SYSLOG_LOCAL2] = 18,
		[SYSLOG_LOCAL3] = 19,
		[SYSLOG_LOCAL4] = 20,
		[SYSLOG_LOCAL5] = 21,
		[SYSLOG_LOCAL6] = 22,
		[SYSLOG_LOCAL7] = 23,
	};
	time_t local = time(NULL) + syslog->offset_s;
	struct tm tm;

	(void)gmtime_r(&local, &tm);
	/* strftime() would follow the locale. */
	return (size_t)snprintf(out, SYSLOG_HEAD_BYTES,
	    "<%d>%s %2d %02d:%02d:%02d tined[%ld]: ",
	    facilities[syslog->facility] * 8 + (int)severity, months[tm.tm_mon],
	    tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (long)getpid());
}

/* Nobody is there any more, or never was. */
static bool
syslog_is_gone(int error)
{
	return error == ECONNREFUSED || error == ENOTCONN || error == ENOENT ||
	       error == ECONNRESET || error == EDESTADDRREQ;
}

/* True when there is a syslogd again. */
static bool
syslog_find_again(struct syslog *syslog, int fd)
{
	int64_t now_us = clock_now_us();
	int error = errno;

	if (syslog->tried_us != 0 &&
	    now_us - syslog->tried_us < SYSLOG_RETRY_US) {
		errno = error;
		return false;
	}
	syslog->tried_us = now_us;
	return syslog_connect(fd, syslog->path) == 0;
}

int
syslog_send(struct syslog *syslog, int fd, enum syslog_severity severity,
    const char *line, size_t len)
{
	char head[SYSLOG_HEAD_BYTES];
	/* iovec lacks const, and sendmsg only reads. */
	union {
		const char *in;
		void *out;
	} body = { .in = line };
	struct iovec iov[] = {
		{ head, syslog_format_head(syslog, severity, head) },
		{ body.out, len },
	};
	const struct msghdr message = { .msg_iov = iov, .msg_iovlen = 2 };
	bool again = true;

	for (;;) {
		if (sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) != -1)
			return 0;
		if (errno == EINTR)
			continue;
		if (!again || !syslog_is_gone(errno) ||
		    !syslog_find_again(syslog, fd))
			return -1;
		again = false;
	}
}
