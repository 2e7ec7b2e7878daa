/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many lines of the error log clients may cause, of each kind: a scan must
 * neither fill the disk nor hide that a disk fails.
 */
#ifndef WORKER_RATION_H
#define WORKER_RATION_H

#include <stdbool.h>
#include <stdint.h>

#include "core/log.h"

/* Lines a second of each kind. */
#define RATION_LINES 10

/* How often what lasts is told. */
#define RATION_EVERY_MS 60000

enum ration_kind {
	RATION_REFUSED, /* requests, for a verdict */
	RATION_FILES,   /* that could not be served */
	RATION_ABORTED, /* answers */
	RATION_CLOSED,  /* connections, for want of memory or descriptors */
	RATION_ACCEPT,  /* trouble with the listening sockets */
	RATION_PROXY,   /* connections that come by no proxy as they must */
	RATION_VERIFY,  /* passwords that could not be judged */
	RATION_LIMITS,  /* clients that ask, or are, too much */
	RATION_DISK,    /* files that were waited for */
	RATION_KINDS,
};

struct ration {
	struct {
		int64_t second;       /* that the lines are of */
		unsigned nlines;      /* those left out included */
		enum log_level level; /* of the gravest one left out */
	} kinds[RATION_KINDS];
};

/* True when one more line may be written in this second of the wall clock. */
bool ration_take(struct ration *ration, enum ration_kind kind,
    enum log_level level, int64_t second);

/*
 * True when what lasts may be told again: once a minute.  *last_ms is when it
 * was told last, 0: never.
 */
bool ration_is_due(int64_t *last_ms, int64_t now_ms);

/*
 * Says how many lines of each kind were left out; not those of this second,
 * which may become more.
 */
void ration_tell(struct ration *ration, int64_t second);

#endif
