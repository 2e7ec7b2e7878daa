/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a start or a reload has to say.
 *
 * Each line goes into the error log when it is said, and is kept, so that
 * `tined -s reload` can show its caller the same lines.
 */
#ifndef MASTER_OUTCOME_H
#define MASTER_OUTCOME_H

#include "core/span.h"

struct outcome {
	size_t len;
	bool has_error;
	size_t error_at;  /* where the first line that is an error begins */
	char text[16384]; /* lines with their newlines, and a NUL */
};

/* Forgets all lines. */
void outcome_clear(struct outcome *outcome);

/* Logs an error and keeps it.  What does not fit is only logged. */
void outcome_error(struct outcome *outcome, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The same for what is not as wished but does not stop us. */
void outcome_warn(struct outcome *outcome, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The first line, without its newline; empty when there is none.  Lent. */
struct span outcome_first(const struct outcome *outcome);

/* The first that is an error or, when none is, the first of all; likewise. */
struct span outcome_reason(const struct outcome *outcome);

#endif
