/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fields that [match] sections add to answers, as ready lines.
 *
 * What a section says of a field and which sections take that back is found
 * out once, so that an answer only has to pick its lines.
 */
#ifndef CONF_ADDITION_H
#define CONF_ADDITION_H

#include "conf/conf.h"
#include "conf/report.h"
#include "core/span.h"

/* What can be true of an answer. */
enum conf_when {
	CONF_WHEN_GOOD = 1 << 0,    /* its status is below 400 ... */
	CONF_WHEN_OTHER = 1 << 1,   /* ... or it is not, or answers OPTIONS */
	CONF_WHEN_MISSING = 1 << 2, /* nothing is there: 404 or 410 */
	CONF_WHEN_FAILED = 1 << 3,  /* another error */
	CONF_WHEN_HASHED = 1 << 4,  /* a file whose name has a hash ... */
	CONF_WHEN_PLAIN = 1 << 5,   /* ... or no such file */
	CONF_WHEN_OPEN = 1 << 6,    /* anybody may have it ... */
	CONF_WHEN_GUARDED = 1 << 7, /* ... or some alone */
};

/* A field line of a section of a site. */
struct conf_addition {
	struct span text;          /* with its CR LF */
	uint64_t section;          /* its bit */
	uint64_t dropped_by;       /* sections that take the line back */
	unsigned when;             /* must all be true; 0: any answer has it */
	bool repeats;              /* stands beside others of its name */
	struct conf_origin origin; /* which line of a file asks for it */
};

/* Most bytes of them in one answer, which the output buffer has room for. */
#define ADDITION_BYTES_MAX 8192

/* Most fields that all sections of a site set, append and unset. */
#define ADDITION_ITEMS_MAX 4096

/*
 * Makes the lines of all sites, in the order of their sections, or says that
 * an answer could get more than there is room for.
 */
void additions_complete(struct conf *conf, struct report *report);

#endif
