/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/report.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>

#include "core/escape.h"

/* Beyond the lines shown: "N more errors", "out of memory". */
#define REPORT_EXTRA 2

/* Makes room behind the nbefore lines of *linesp, which it takes.  0, or -1. */
static int
report_make_room(struct report_list *list, char ***linesp, unsigned nbefore)
{
	size_t room = (size_t)nbefore + REPORT_SHOWN + REPORT_EXTRA;

	list->lines = realloc(*linesp, room * sizeof(*list->lines));
	if (list->lines == NULL)
		return -1;
	list->nbefore = nbefore;
	*linesp = list->lines;
	return 0;
}

/* Whoever asks why it failed must be told something, without memory too. */
static int
report_fail(struct conf_errors *result)
{
	static char text[] = "out of memory";

	if (result->nlines == 0) {
		free(result->lines);
		result->last[0] = text;
		result->lines = result->last;
		result->nlines = 1;
	}
	return -1;
}

int
report_init(struct report *report, struct conf_errors *result)
{
	*report = (struct report){ .result = result };
	assert(result->lines != result->last);
	report->last_line = strdup("out of memory");
	if (report->last_line == NULL)
		return report_fail(result);
	if (report_make_room(&report->errors, &result->lines, result->nlines) ==
		0 &&
	    report_make_room(
		&report->warnings, &result->warnings, result->nwarnings) == 0)
		return 0;
	free(report->last_line);
	return report_fail(result);
}

/* Where, among our lines, a line about this place belongs. */
static unsigned
report_position(const struct report_list *list, struct conf_origin place)
{
	unsigned position = list->nshown;
	bool known = false;

	for (unsigned i = list->nshown; i-- > 0;) {
		if (strcmp(list->places[i].file, place.file) != 0)
			continue;
		if (list->places[i].line <= place.line)
			return i + 1;
		position = i;
		known = true;
	}
	return known ? position : list->nshown;
}

static void
report_insert(struct report_list *list, struct conf_origin place, char *line)
{
	char **lines = list->lines + list->nbefore;
	unsigned position = report_position(list, place);
	size_t nbehind = list->nshown - position;

	memmove(
	    lines + position + 1, lines + position, nbehind * sizeof(lines[0]));
	memmove(list->places + position + 1, list->places + position,
	    nbehind * sizeof(list->places[0]));
	lines[position] = line;
	list->places[position] = place;
	list->nshown++;
}

static void __attribute__((format(printf, 5, 0)))
report_add_line(struct report *report, struct report_list *list,
    struct conf_origin place, const char *kind, const char *fmt, va_list ap)
{
	char where[REPORT_PLACE], *text, *line = NULL;
	/* An option goes on with its argument: "-o server.user: ..." */
	bool option = place.layer == CONF_OPTIONS && place.file[0] == '-';
	int n;

	if (list->nshown == REPORT_SHOWN) {
		list->nhidden++;
		return;
	}
	n = vasprintf(&text, fmt, ap);
	if (n == -1) {
		report_no_memory(report);
		return;
	}
	n = asprintf(&line, "%s%s %s%s", report_place(where, place),
	    option ? "" : ":", kind, text);
	free(text);
	if (n == -1)
		report_no_memory(report);
	else
		report_insert(list, place, line);
}

void
report_add(
    struct report *report, struct conf_origin place, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report_add_line(report, &report->errors, place, "", fmt, ap);
	va_end(ap);
}

void
report_warn(
    struct report *report, struct conf_origin place, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report_add_line(report, &report->warnings, place, "warning: ", fmt, ap);
	va_end(ap);
}

void
report_no_memory(struct report *report)
{
	report->no_memory = true;
}

/* How many lines of a kind are not shown, as the last of them. */
static void
report_count_hidden(
    struct report *report, struct report_list *list, const char *what)
{
	char *more;

	if (list->nhidden == 0)
		return;
	if (asprintf(&more, "%s: %u more %s are not shown; mend the first ones",
		list->places[0].file, list->nhidden, what) == -1)
		report_no_memory(report);
	else
		list->lines[list->nbefore + list->nshown++] = more;
}

/* Hands the lines over; no array is left where there are none. */
static void
report_hand_over(
    const struct report_list *list, char ***linesp, unsigned *nlines)
{
	*nlines = list->nbefore + list->nshown;
	*linesp = list->lines;
	if (*nlines > 0)
		return;
	free(*linesp);
	*linesp = NULL;
}

int
report_fini(struct report *report)
{
	struct conf_errors *result = report->result;
	struct report_list *errors = &report->errors;

	report_count_hidden(report, errors, "errors");
	report_count_hidden(report, &report->warnings, "warnings");
	if (report->no_memory)
		errors->lines[errors->nbefore + errors->nshown++] =
		    report->last_line;
	else
		free(report->last_line);
	report->last_line = NULL;
	report_hand_over(errors, &result->lines, &result->nlines);
	report_hand_over(
	    &report->warnings, &result->warnings, &result->nwarnings);
	return errors->nshown == 0 ? 0 : -1;
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

const char *
report_place(char out[REPORT_PLACE], struct conf_origin origin)
{
	char name[PATH_MAX];

	name[escape_log(name, sizeof(name) - 1, span_of(origin.file))] = '\0';
	if (origin.line == 0)
		(void)snprintf(out, REPORT_PLACE, "%s", name);
	else
		(void)snprintf(out, REPORT_PLACE, "%s:%u", name, origin.line);
	return out;
}
