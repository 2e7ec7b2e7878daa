/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/outcome.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/log.h"

#define OUTCOME_LINE_BYTES 1024

void
outcome_clear(struct outcome *outcome)
{
	outcome->len = 0;
	outcome->has_error = false;
	outcome->error_at = 0;
	outcome->text[0] = '\0';
}

static void
outcome_keep(struct outcome *outcome, const char *line)
{
	size_t len = strlen(line);

	if (len + 2 > sizeof(outcome->text) - outcome->len)
		return;
	memcpy(outcome->text + outcome->len, line, len);
	outcome->len += len;
	outcome->text[outcome->len++] = '\n';
	outcome->text[outcome->len] = '\0';
}

void
outcome_error(struct outcome *outcome, const char *fmt, ...)
{
	char line[OUTCOME_LINE_BYTES];
	size_t at;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	log_error("%s", line);
	at = outcome->len;
	outcome_keep(outcome, line);
	if (outcome->has_error || outcome->len == at)
		return;
	outcome->has_error = true;
	outcome->error_at = at;
}

void
outcome_warn(struct outcome *outcome, const char *fmt, ...)
{
	char line[OUTCOME_LINE_BYTES];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	log_warn("%s", line);
	outcome_keep(outcome, line);
}

/* The line that begins at a place; empty behind the last. */
static struct span
outcome_line(const struct outcome *outcome, size_t at)
{
	const char *line = outcome->text + at;

	return (struct span){ line, strcspn(line, "\n") };
}

struct span
outcome_first(const struct outcome *outcome)
{
	return outcome_line(outcome, 0);
}

struct span
outcome_reason(const struct outcome *outcome)
{
	return outcome_line(outcome, outcome->error_at);
}
