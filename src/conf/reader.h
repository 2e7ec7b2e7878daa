/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines of an INI file, counted and judged before inih sees them.
 *
 * inih splits a line that does not fit its buffer and takes the rest for
 * another line, cuts long section names, ends a line at a NUL, takes an
 * indented key for more of the value above and reports only the first bad
 * line.  So what it would misread is refused here, and it gets an empty line
 * instead.
 */
#ifndef CONF_READER_H
#define CONF_READER_H

#include <stdbool.h>
#include <stdio.h>

#include "core/span.h"

/* Most bytes of a line with a section or a key, its end not counted. */
#define READER_LINE_MAX 196

/* Most bytes between [ and ]. */
#define READER_SECTION_MAX 49

enum reader_kind {
	READER_BLANK,       /* nothing, or a comment of any length */
	READER_SECTION,     /* name is what stands between [ and ] */
	READER_KEY,         /* name is what stands before = */
	READER_BAD_SECTION, /* problem says why; name is empty */
	READER_BAD_KEY,     /* problem says why; name as far as it is known */
};

struct reader {
	FILE *file;    /* borrowed */
	unsigned line; /* the physical line read last, from 1 */
	enum reader_kind kind;
	struct span name; /* in the buffer of reader_next() */
	bool comment;     /* a comment stands behind the value of a key */
	char problem[160];
};

/* Begins at the first line of file. */
void reader_init(struct reader *reader, FILE *file);

/*
 * Reads a line into buf, without its line end and with a NUL, and judges it.
 * Returns false at the end of the file or on an error (see ferror(3)).
 */
bool reader_next(struct reader *reader, char *buf, size_t cap);

#endif
