/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes from outside, made safe to print in a log line.
 *
 * Printable ASCII stays as it is; `"` and `\` get a backslash; every other
 * byte becomes \xHH, or \u00HH in JSON.  So no client can forge a line, end a
 * quoted field or send an escape sequence to the operator's terminal.
 */
#ifndef CORE_ESCAPE_H
#define CORE_ESCAPE_H

#include "core/span.h"

/*
 * Writes in, escaped and without a NUL, into out.  Stops before the first
 * byte that would not fit whole; returns the bytes written, cap at most.  What
 * stood behind these, as far as cap goes, is lost.
 */
size_t escape_log(char *out, size_t cap, struct span in);

/*
 * The same for the inside of a JSON string (RFC 8259 7).  A byte above ASCII
 * is taken for a character of Latin-1, since nothing says what it is.
 */
size_t escape_json(char *out, size_t cap, struct span in);

#endif
