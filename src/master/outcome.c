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
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	log_error("%s", line);
	outcome_keep(outcome, line);
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
