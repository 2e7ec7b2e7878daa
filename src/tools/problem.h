/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a command could not do: a line each on stderr, but not ten thousand of
 * them when a disk is full or a folder may not be written.
 */
#ifndef TOOLS_PROBLEM_H
#define TOOLS_PROBLEM_H

#include <stdio.h>

#include "core/span.h"

/* Lines that are written; of the others only the number is. */
#define PROBLEM_LINES 20

struct problems {
	unsigned long n;
};

/* One more; path may be the zero span. */
void problem_add(struct problems *problems, struct span path, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));

/* The text of a code of errno, and what to do about it where that is known. */
const char *problem_of_errno(int error);

/* Says how many there were beyond those that were written. */
void problems_tell(const struct problems *problems);

/* Writes a path so that no byte of it acts on a terminal. */
void problem_put_path(FILE *out, struct span path);

#endif
