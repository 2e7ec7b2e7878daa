/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/report.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>

#include "core/escape.h"

/* Beyond the lines shown: "N more errors", "out of memory". */
#define REPORT_EXTRA 2

int
report_init(struct report *report, struct conf_errors *errors)
{
	size_t room = (size_t)errors->nlines + REPORT_SHOWN + REPORT_EXTRA;
	char **lines;

	*report =
	    (struct report){ .errors = errors, .nbefore = errors->nlines };
	report->last_line = strdup("out of memory");
	if (report->last_line == NULL)
		return -1;
	lines = realloc(errors->lines, room * sizeof(*lines));
	if (lines == NULL) {
		free(report->last_line);
		return -1;
	}
	errors->lines = lines;
	return 0;
}

/* Where, among our lines, a line about this place belongs. */
static unsigned
report_position(const struct report *report, struct conf_origin place)
{
	unsigned position = report->nshown;
	bool known = false;

	for (unsigned i = report->nshown; i-- > 0;) {
		if (strcmp(report->places[i].file, place.file) != 0)
			continue;
		if (report->places[i].line <= place.line)
			return i + 1;
		position = i;
		known = true;
	}
	return known ? position : report->nshown;
}

static void
report_insert(struct report *report, struct conf_origin place, char *line)
{
	char **lines = report->errors->lines + report->nbefore;
	unsigned position = report_position(report, place);
	size_t nbehind = report->nshown - position;

	memmove(
	    lines + position + 1, lines + position, nbehind * sizeof(lines[0]));
	memmove(report->places + position + 1, report->places + position,
	    nbehind * sizeof(report->places[0]));
	lines[position] = line;
	report->places[position] = place;
	report->nshown++;
	report->errors->nlines++;
}

void
report_add(
    struct report *report, struct conf_origin place, const char *fmt, ...)
{
	char *text, *line = NULL;
	va_list ap;
	int n;

	assert(place.file != NULL);
	if (report->nshown == REPORT_SHOWN) {
		report->nhidden++;
		return;
	}
	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n == -1) {
		report_no_memory(report);
		return;
	}
	if (place.line > 0)
		n = asprintf(&line, "%s:%u: %s", place.file, place.line, text);
	else
		n = asprintf(&line, "%s: %s", place.file, text);
	free(text);
	if (n == -1)
		report_no_memory(report);
	else
		report_insert(report, place, line);
}

void
report_no_memory(struct report *report)
{
	report->no_memory = true;
}

/* Adds a line behind all others; report_init() left room for it. */
static void
report_append(struct report *report, char *line)
{
	report->errors->lines[report->errors->nlines++] = line;
}

int
report_fini(struct report *report)
{
	struct conf_errors *errors = report->errors;
	char *more;

	if (report->nhidden > 0) {
		if (asprintf(&more,
			"%s: %u more errors are not shown; mend the first ones",
			report->places[0].file, report->nhidden) == -1)
			report_no_memory(report);
		else
			report_append(report, more);
	}
	if (report->no_memory)
		report_append(report, report->last_line);
	else
		free(report->last_line);
	report->last_line = NULL;
	if (errors->nlines == 0) {
		free(errors->lines);
		errors->lines = NULL;
	}
	return errors->nlines == report->nbefore ? 0 : -1;
}

const char *
report_quote(char out[REPORT_QUOTED], struct span text)
{
	/* Two quotes and a NUL go around it. */
	size_t len = escape_log(out + 1, REPORT_QUOTED - 3, text);

	out[0] = '"';
	out[len + 1] = '"';
	out[len + 2] = '\0';
	return out;
}
