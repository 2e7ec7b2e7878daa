/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Errors and warnings about a configuration, collected while it is read and
 * checked.
 *
 * The lines go into a struct conf_errors, grouped by file and ordered by line
 * whatever the order in which they were found.
 */
#ifndef CONF_REPORT_H
#define CONF_REPORT_H

#include <limits.h>

#include "conf/conf.h"
#include "core/span.h"

/*
 * Lines of a kind that are shown; of a file that is no configuration at all,
 * more help nobody.
 */
#define REPORT_SHOWN 100

struct report_list {
	char **lines;     /* with room for all that are shown */
	unsigned nbefore; /* lines there before ours */
	unsigned nshown;  /* ours */
	unsigned nhidden; /* found beyond REPORT_SHOWN */
	struct conf_origin places[REPORT_SHOWN];
};

struct report {
	struct conf_errors *result; /* borrowed; filled in at the end */
	struct report_list errors;
	struct report_list warnings;
	bool no_memory;
	char *last_line; /* kept back for "out of memory" */
};

/*
 * Begins to add lines to *result.  Returns 0, or -1 when there is no memory,
 * which is a line of *result if there was none.
 */
int report_init(struct report *report, struct conf_errors *result);

/*
 * Adds an error: its place and the text.  The name of the place must stay alive
 * until report_fini().
 */
void report_add(struct report *report, struct conf_origin place,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Adds a warning: its place, "warning:" and the text. */
void report_warn(struct report *report, struct conf_origin place,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Says, as the last line, that memory ran out. */
void report_no_memory(struct report *report);

/* Returns 0 when no error was added, else -1. */
int report_fini(struct report *report);

/* Enough for any value of a file, escaped and in quotes; more is cut. */
#define REPORT_QUOTED 800

/* Writes text in quotes, with a NUL, safe for a terminal. */
const char *report_quote(char out[REPORT_QUOTED], struct span text);

/* Enough for any place; more is cut. */
#define REPORT_PLACE (PATH_MAX + 16)

/* Writes a place, "file:line" or "-o", with a NUL, safe for a terminal. */
const char *report_place(char out[REPORT_PLACE], struct conf_origin origin);

#endif
