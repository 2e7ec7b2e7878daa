/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A line of the access log: what a compiled format says of one request.
 *
 * A line is at most SINK_LINE_BYTES long and goes in one piece, wherever it
 * goes.  What a client sent is escaped, so that it can be no other line, and
 * cut where the line would become longer.
 */
#ifndef WORKER_LOGLINE_H
#define WORKER_LOGLINE_H

#include <sys/types.h>

#include "conf/logformat.h"
#include "core/clock.h"
#include "os/socket.h"
#include "serve/serve.h"

/* What the lines of a worker have in common. */
struct logline {
	const struct logformat *format; /* borrowed */
	unsigned slot;
	unsigned generation;
	pid_t pid;
	int64_t time_s;   /* the second that the texts below stand for */
	char common[28];  /* "[10/Oct/2000:13:55:36 +0000]" */
	char rfc3339[19]; /* "2000-10-10T13:55:36" */
};

/* What is known of a request.  All is borrowed for the call. */
struct logline_entry {
	const struct address *peer;   /* of the connection */
	const struct address *client; /* whom it was asked for */
	const struct request *request;
	const struct reply *reply;
	struct span request_id; /* zero: none */
	struct span subject;    /* who asks; zero: not known */
	uint64_t head_bytes;    /* of the answer */
	uint64_t body_bytes;    /* of its body, as far as it was sent */
	int64_t took_us;
	int64_t first_us;  /* until its first byte was sent; -1: none was */
	uint32_t nearlier; /* requests on the connection */
	int fd;            /* of the connection */
	bool keep;         /* it outlives the answer */
	bool aborted;      /* the answer was not sent whole */
	bool skipped;      /* it is to have no line, for its path */
};

/* Makes ready to write lines in format. */
void logline_init(struct logline *line, const struct logformat *format);

/* Writes a line and its newline, SINK_LINE_BYTES at most; returns its length.
 */
size_t logline_write(struct logline *line, char *out,
    const struct logline_entry *entry, const struct clock *clock);

#endif
