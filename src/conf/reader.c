/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/reader.h"

#include <stdarg.h>

#define READER_BOM "\xef\xbb\xbf"

/* A line as the file has it; buf may hold only the beginning. */
struct reader_line {
	char *buf;
	size_t len;    /* of the whole line */
	size_t stored; /* in buf */
	int control;   /* the first control byte, or -1 */
};

void
reader_init(struct reader *reader, FILE *file)
{
	*reader = (struct reader){ .file = file };
}

static bool
reader_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The first byte of the line that is one of set, or where a comment begins. */
static size_t
reader_find(struct span line, const char *set)
{
	size_t i;

	for (i = 0; i < line.len; i++) {
		if (strchr(set, line.ptr[i]) != NULL)
			break;
		if (line.ptr[i] == ';' && i > 0 &&
		    reader_is_blank(line.ptr[i - 1]))
			break;
	}
	return i;
}

static bool
reader_at(struct span line, size_t at, char c)
{
	return at < line.len && line.ptr[at] == c;
}

/* Takes bytes up to the end of the line; false when there are none left. */
static bool
reader_take(FILE *file, struct reader_line *line, size_t cap)
{
	int c, previous = EOF;

	while ((c = getc(file)) != EOF && c != '\n') {
		/* A CR belongs to the line end, and only right before it. */
		bool control = (c < 0x20 && c != '\t' && c != '\r') ||
			       c == 0x7f || previous == '\r';

		if (control && line->control == -1)
			line->control = previous == '\r' ? '\r' : c;
		if (line->stored < cap - 1)
			line->buf[line->stored++] = (char)c;
		line->len++;
		previous = c;
	}
	if (c == EOF && line->len == 0)
		return false;
	if (previous == '\r') {
		if (line->stored == line->len)
			line->stored--;
		line->len--;
	}
	line->buf[line->stored] = '\0';
	return true;
}

/* A byte order mark opens some editors' files and means nothing. */
static void
reader_skip_bom(struct reader_line *line)
{
	size_t len = sizeof(READER_BOM) - 1;

	if (line->stored < len || memcmp(line->buf, READER_BOM, len) != 0)
		return;
	memmove(line->buf, line->buf + len, line->stored - len + 1);
	line->stored -= len;
	line->len -= len;
}

static void __attribute__((format(printf, 3, 4))) reader_refuse(
    struct reader *reader, enum reader_kind kind, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(reader->problem, sizeof(reader->problem), fmt, ap);
	va_end(ap);
	reader->kind = kind;
}

static void
reader_judge_section(struct reader *reader, struct span line)
{
	size_t end = reader_find(line, "]");
	struct span name = { line.ptr + 1, end - 1 };
	struct span rest;

	if (!reader_at(line, end, ']')) {
		reader_refuse(reader, READER_BAD_SECTION,
		    "a section without ]; write [NAME]");
		return;
	}
	if (name.len == 0 || name.len > READER_SECTION_MAX) {
		reader_refuse(reader, READER_BAD_SECTION,
		    "a section name of %zu bytes; allowed: 1 to %d", name.len,
		    READER_SECTION_MAX);
		return;
	}
	rest =
	    span_trim((struct span){ line.ptr + end + 1, line.len - end - 1 });
	if (rest.len > 0 && *rest.ptr != ';' && *rest.ptr != '#') {
		reader_refuse(reader, READER_BAD_SECTION,
		    "text behind ]; put a key on a line of its own");
		return;
	}
	reader->kind = READER_SECTION;
	reader->name = name;
}

static void
reader_judge_key(struct reader *reader, struct span line)
{
	size_t end = reader_find(line, "=:");

	reader->name = span_trim((struct span){ line.ptr, end });
	if (!reader_at(line, end, '='))
		reader_refuse(reader, READER_BAD_KEY,
		    "a line that is neither a section nor a key; "
		    "write KEY = VALUE");
	else if (reader->name.len == 0)
		reader_refuse(reader, READER_BAD_KEY,
		    "no key before =; write KEY = VALUE");
	else
		reader->kind = READER_KEY;
	/* Only where a comment begins is less than all of it looked at. */
	reader->comment = reader_find(line, "") < line.len;
}

static void
reader_judge(struct reader *reader, const struct reader_line *line)
{
	struct span all = { line->buf, line->stored };
	struct span text = span_trim(all);
	bool section = text.len > 0 && *text.ptr == '[';
	enum reader_kind bad = section ? READER_BAD_SECTION : READER_BAD_KEY;

	reader->name = (struct span){ 0 };
	reader->kind = READER_BLANK;
	if (line->control != -1) {
		reader_refuse(reader, bad,
		    "control byte 0x%02x in the line; allowed: text and tabs",
		    (unsigned)line->control);
		return;
	}
	if (text.len == 0 || *text.ptr == ';' || *text.ptr == '#')
		return;
	if (!section)
		reader_judge_key(reader, text);
	else
		reader_judge_section(reader, text);
	if (line->len > READER_LINE_MAX)
		reader_refuse(reader, bad,
		    "line is %zu bytes long, at most %d are read; "
		    "repeat a key that takes a list",
		    line->len, READER_LINE_MAX);
	else if (text.ptr != all.ptr)
		reader_refuse(reader, bad,
		    "an indented line; begin it in the first column, "
		    "a value never goes on in the next line");
}

bool
reader_next(struct reader *reader, char *buf, size_t cap)
{
	struct reader_line line = { .buf = buf, .control = -1 };

	if (!reader_take(reader->file, &line, cap))
		return false;
	reader->line++;
	if (reader->line == 1)
		reader_skip_bom(&line);
	reader_judge(reader, &line);
	return true;
}
