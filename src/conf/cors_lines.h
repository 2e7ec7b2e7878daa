/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which pages of other origins may read answers (the CORS protocol of the
 * Fetch standard), as a [match] section says it.
 */
#ifndef CONF_CORS_LINES_H
#define CONF_CORS_LINES_H

#include "conf/conf.h"
#include "conf/report.h"
#include "core/span.h"

/* The words of a section, and ready field lines. */
struct conf_cors {
	const struct conf_list *origins; /* that may; in lower case */
	bool any;                        /* all may: the list is "*" */
	struct span shared;              /* any answer has this ... */
	struct span allowed;   /* ... and for an origin that may, this ... */
	struct span preflight; /* ... or this, to a preflight request */
	size_t bytes;          /* no answer gets more */
};

/* The name in front of the origin that may. */
#define CONF_CORS_ORIGIN "Access-Control-Allow-Origin: "

/*
 * Makes the lines of a section, or says what is wrong with its keys.  A section
 * without `cors`, or where that is off, has none.
 */
void cors_lines_complete(
    struct conf *conf, struct conf_match *match, struct report *report);

#endif
