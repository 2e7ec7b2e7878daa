/* SPDX-License-Identifier: BSD-2-Clause */
/* Which requests have a line in the access log. */
#ifndef WORKER_LOGFILTER_H
#define WORKER_LOGFILTER_H

#include "conf/logging.h"
#include "core/span.h"

struct logfilter {
	uint64_t statuses[10]; /* that have none: a bit for each below 640 */
	struct span *globs;    /* of paths that have none */
	unsigned nglobs;
	int64_t slow_us;
	uint64_t sample;
	uint64_t nth; /* line, of those that it picks from */
	bool active;  /* false: every request has one */
};

/* Reads the rules, whose words it borrows.  0, or -1 with errno ENOMEM. */
int logfilter_init(
    struct logfilter *filter, const struct conf_access_log *conf);

/*
 * True when a request has no line for its path, which is decoded: what was sent
 * may lead elsewhere, as /assets/../private does, and nobody may hide from the
 * log in that way.
 */
bool logfilter_skips_path(const struct logfilter *filter, struct span path);

/*
 * True when a request is to be logged that was answered with status in took_us
 * and is not skipped for its path.
 */
bool logfilter_wants(struct logfilter *filter, int status, int64_t took_us);

void logfilter_fini(struct logfilter *filter);

#endif
