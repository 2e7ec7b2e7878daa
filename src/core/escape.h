/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes from outside, made safe to print in a log line.
 *
 * Printable ASCII stays as it is; `"` and `\` get a backslash; every other
 * byte becomes \xHH.  So no client can forge a line, end a quoted field or
 * send an escape sequence to the operator's terminal.
 */
#ifndef CORE_ESCAPE_H
#define CORE_ESCAPE_H

#include "core/span.h"

/*
 * Writes in, escaped and without a NUL, into out.  Stops before the first
 * byte that would not fit whole; returns the bytes written, cap at most.
 */
size_t escape_log(char *out, size_t cap, struct span in);

#endif
