/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Streams that write to memory, of open_memstream(3).
 *
 * Without memory such a stream loses what does not fit, remembers that, and
 * closes as if all were well.
 */
#ifndef CORE_STREAM_H
#define CORE_STREAM_H

#include <stdio.h>

/* Closes a stream to *text.  0, or -1 when not all that was written is there.
 */
int stream_close(FILE *stream, char *const *text);

#endif
