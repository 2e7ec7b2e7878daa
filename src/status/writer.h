/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text that grows in a buffer of a fixed size; nothing of the heap.
 *
 * What does not fit is left out and remembered, so that whoever writes a page
 * of a thousand parts asks once, at the end, whether all of it is there.
 */
#ifndef STATUS_WRITER_H
#define STATUS_WRITER_H

#include <stdint.h>

#include "core/span.h"

struct writer {
	char *data; /* borrowed */
	size_t cap;
	size_t len;
	bool full; /* something did not fit, and nothing was written since */
};

/* Begins an empty text in the cap bytes at data. */
void writer_init(struct writer *writer, char *data, size_t cap);

/* How many bytes still fit. */
size_t writer_room(const struct writer *writer);

void writer_put(struct writer *writer, struct span span);

/* The same for a C string. */
void writer_put_text(struct writer *writer, const char *text);

void writer_put_number(struct writer *writer, uint64_t number);

/* Microseconds as seconds, exactly: "0.000128", "67.108864", "3". */
void writer_put_seconds(struct writer *writer, uint64_t us);

/* As printf(3) has it; no floating point, which might ask the heap. */
void writer_format(struct writer *writer, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Text of unknown origin for a terminal: printable ASCII and well-formed UTF-8
 * stay, each other byte becomes '?'.  quoted: as a JSON string as well.
 */
void writer_put_foreign(struct writer *writer, const char *text, bool quoted);

#endif
