/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

static enum sink_kind
sink_socket_kind(int fd)
{
	int domain = 0, type = 0;
	socklen_t len = sizeof(int);

	(void)getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len);
	len = sizeof(int);
	(void)getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len);
	return domain == AF_UNIX && type == SOCK_DGRAM ? SINK_SYSLOG
						       : SINK_SOCKET;
}

void
sink_set_fd(struct sink *sink, int fd)
{
	struct stat st;
	int flags;

	sink->fd = fd;
	sink->kind = SINK_STREAM;
	sink->broken = false;
	sink->may_wait = true;
	sink->syslog.tried_us = 0;
	if (fd == -1 || fstat(fd, &st) == -1)
		return;
	flags = fcntl(fd, F_GETFL);
	if (S_ISREG(st.st_mode))
		sink->kind = SINK_FILE;
	else if (S_ISSOCK(st.st_mode))
		sink->kind = sink_socket_kind(fd);
	else
		sink->may_wait = flags == -1 || (flags & O_NONBLOCK) == 0;
}

/* How much may be handed over now: lines, or a part of one that is long. */
static size_t
sink_piece(const struct sink *sink, const char *lines, size_t len)
{
	const char *end;

	if (sink->kind == SINK_FILE || len <= SINK_LINE_BYTES)
		return len;
	end = memrchr(lines, '\n', SINK_LINE_BYTES);
	return end == NULL ? SINK_LINE_BYTES : (size_t)(end + 1 - lines);
}

/*
 * write(2) to what would wait, which others may have made full between a look
 * and a write.  Since Linux 6.4 a pipe takes RWF_NOWAIT.
 */
static ssize_t
sink_try(int fd, const char *bytes, size_t len)
{
	struct pollfd poller = { .fd = fd, .events = POLLOUT };
	/* iovec lacks const, and pwritev2 only reads. */
	union {
		const char *in;
		void *out;
	} base = { .in = bytes };
	const struct iovec iov = { base.out, len };
	ssize_t n = pwritev2(fd, &iov, 1, -1, RWF_NOWAIT);

	if (n != -1 || errno != EOPNOTSUPP)
		return n;
	if (poll(&poller, 1, 0) > 0)
		return write(fd, bytes, len);
	errno = EAGAIN;
	return -1;
}

/* One write that says EAGAIN instead of waiting. */
static ssize_t
sink_put(const struct sink *sink, const char *bytes, size_t len)
{
	ssize_t n;

	do {
		if (sink->kind == SINK_SOCKET)
			n = send(
			    sink->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		else if (sink->kind == SINK_STREAM && sink->may_wait)
			n = sink_try(sink->fd, bytes, len);
		else
			n = write(sink->fd, bytes, len);
	} while (n == -1 && errno == EINTR);
	return n;
}

/* The bytes up to the last newline, that included. */
static size_t
sink_whole_lines(const char *lines, size_t len)
{
	const char *end = memrchr(lines, '\n', len);

	return end == NULL ? 0 : (size_t)(end + 1 - lines);
}

static size_t
sink_write_bytes(struct sink *sink, const char *lines, size_t len)
{
	size_t whole = 0, done = 0;
	unsigned ncuts = 0;

	while (done < len) {
		size_t piece = sink_piece(sink, lines + done, len - done);
		ssize_t n;

		if (sink->broken && sink_put(sink, "\n", 1) != 1)
			break;
		sink->broken = false;
		n = sink_put(sink, lines + done, piece);
		if (n == -1)
			break;
		done += (size_t)n;
		whole += sink_whole_lines(lines + whole, done - whole);
		if ((size_t)n == piece || done == whole)
			continue;
		/* The line ends here, and once more comes whole. */
		sink->broken = true;
		done = whole;
		errno = EAGAIN;
		if (++ncuts > 1)
			break;
	}
	if (done > whole)
		sink->broken = true;
	return whole;
}

static size_t
sink_write_datagrams(struct sink *sink, enum syslog_severity severity,
    const char *lines, size_t len)
{
	size_t done = 0;

	while (done < len) {
		const char *line = lines + done;
		const char *end = memchr(line, '\n', len - done);
		size_t line_len =
		    end == NULL ? len - done : (size_t)(end - line);

		if (syslog_send(&sink->syslog, sink->fd, severity, line,
			line_len) == -1)
			break;
		done += line_len + (end == NULL ? 0 : 1);
	}
	return done;
}

size_t
sink_write(struct sink *sink, enum syslog_severity severity, const char *lines,
    size_t len)
{
	switch (sink->kind) {
	case SINK_STREAM:
	case SINK_FILE:
	case SINK_SOCKET: break;
	case SINK_SYSLOG:
		return sink_write_datagrams(sink, severity, lines, len);
	}
	return sink_write_bytes(sink, lines, len);
}

const char *
sink_advice(int error)
{
	switch (error) {
	case EAGAIN: return "whoever reads it has stopped, or is too slow";
	case EPIPE: return "nobody reads it: start its reader again";
	case ENOSPC:
	case EDQUOT: return "make room where it lies";
	case EFBIG: return "it is as large as it may be: rotate it";
	case ENOENT:
	case ENOTCONN:
	case ECONNREFUSED:
	case ECONNRESET: return "is syslogd running?";
	default: break;
	}
	return "look at where it lies";
}
