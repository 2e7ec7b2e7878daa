/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The access log: a copy into a buffer per request, a write now and then.
 *
 * Lines are written whole, so that the workers may share a file that is open
 * with O_APPEND.  A log that cannot be written never stops serving: its lines
 * are counted and dropped.
 */
#ifndef WORKER_ACCESS_H
#define WORKER_ACCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf/conf.h"
#include "core/clock.h"
#include "http/request.h"
#include "os/socket.h"

struct access {
	int fd; /* borrowed; -1: no access log */
	enum conf_access_format format;
	bool each_line; /* a terminal: a person waits for every line */
	bool broken;    /* the last write ended inside a line */
	char *lines;
	size_t len;
	size_t cap;
	uint64_t dropped; /* lines, so far */
	int64_t time_s;   /* the second that time[] stands for */
	char time[28];    /* "[10/Oct/2000:13:55:36 +0000]" */
};

/* What a line says.  The request's spans are borrowed for the call. */
struct access_entry {
	const struct sock_peer *peer;
	const struct request *request;
	int status;
	uint64_t body_bytes; /* sent, without the head */
};

/*
 * Makes the log ready to write to fd, or to say nothing when fd is -1.
 * Returns 0, or -1 with errno ENOMEM.
 */
int access_init(
    struct access *access, const struct conf_access_log *conf, int fd);

/*
 * Adds a line, for which there must be room; true when it is the first one in
 * an empty buffer.
 */
bool access_add(struct access *access, const struct access_entry *entry,
    const struct clock *clock);

/* True when another line may not fit: flush first. */
bool access_is_full(const struct access *access);

/* Writes what the buffer holds.  0, or -1 with errno: lines were dropped. */
int access_flush(struct access *access);

/* Flushes and goes on to write to fd. */
void access_reopen(struct access *access, int fd);

/* Flushes and frees. */
void access_fini(struct access *access);

#endif
