/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How far a command is, on stderr: a bar that is drawn again and again on a
 * terminal, elsewhere a line now and then.
 */
#ifndef TOOLS_PROGRESS_H
#define TOOLS_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/crew.h"

/* The widest bar, with its NUL. */
#define PROGRESS_BYTES 256

struct progress {
	const char *what;
	uint64_t total; /* steps */
	bool is_terminal;
	bool is_drawn;
	int64_t started_us;
	int64_t told_us; /* when the last line was written */
};

/* What is done, for the reader; total steps are to be done. */
void progress_init(struct progress *progress, const char *what, uint64_t total);

/* Shows how far a crew is until all of it has ended, then takes the bar away.
 */
void progress_follow(struct progress *progress, struct crew *crew);

/* Milliseconds since progress_init(). */
uint64_t progress_ms(const struct progress *progress);

/*
 * Writes the bar as it is after elapsed_ms, at most width characters wide and
 * without an end of line.
 */
void progress_format(char out[PROGRESS_BYTES], const struct progress *progress,
    uint64_t steps, uint64_t elapsed_ms, size_t width);

#endif
