/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where lines of a log go: a file, a pipe, a terminal, a socket, syslogd.
 *
 * Writing never waits, whoever reads and however slowly, and never splits a
 * line that can go whole: a file gets all of it in one write(2), anything else
 * at most what the kernel takes in one piece (PIPE_BUF, pipe(7)).
 */
#ifndef CORE_SINK_H
#define CORE_SINK_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/syslog.h"

/* A line that is no longer goes in one piece, wherever it goes. */
#define SINK_LINE_BYTES PIPE_BUF

enum sink_kind {
	SINK_STREAM, /* a pipe, a terminal, a device */
	SINK_FILE,   /* never full but when the disk is */
	SINK_SOCKET,
	SINK_SYSLOG, /* of syslog_open() */
};

struct sink {
	int fd; /* borrowed; -1: nowhere */
	enum sink_kind kind;
	bool may_wait; /* a plain write might */
	bool broken;   /* the last one was cut inside a line */
	struct syslog syslog;
};

/* A sink that takes care before it looked: right for every descriptor. */
#define SINK_INIT(fd_)                                                         \
	{                                                                      \
		.fd = (fd_), .kind = SINK_STREAM, .may_wait = true             \
	}

/* What lines go to from now on. */
void sink_set_fd(struct sink *sink, int fd);

/*
 * Writes lines, each with its newline, as far as that goes without waiting.
 * severity is for syslogd.  Returns the bytes of the lines that were written;
 * fewer than len with errno, EAGAIN when more may go in a moment.
 */
size_t sink_write(struct sink *sink, enum syslog_severity severity,
    const char *lines, size_t len);

/* What an operator can do when writing failed with error; static text. */
const char *sink_advice(int error);

#endif
