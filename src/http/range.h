/* SPDX-License-Identifier: BSD-2-Clause */
/* Byte ranges (RFC 9110 14). */
#ifndef HTTP_RANGE_H
#define HTTP_RANGE_H

#include <stdint.h>

#include "core/span.h"

struct range {
	uint64_t first; /* offset of the first byte */
	uint64_t last;  /* offset of the last byte, inclusive */
};

enum range_result {
	RANGE_IGNORE,        /* malformed, another unit, too many: answer 200 */
	RANGE_OK,            /* ranges[0 .. *n - 1] are inside the file: 206 */
	RANGE_UNSATISFIABLE, /* all lie past the end: 416 */
};

/*
 * Reads a Range value for a file of size bytes.  Ends are clamped to the
 * file; ranges that overlap or touch become one, in the order of their first
 * appearance.  A set that needs more than max of them on the way, or that asks
 * for more bytes in all than the file has, is ignored.
 */
enum range_result range_parse(struct span value, uint64_t size,
    struct range *ranges, unsigned max, unsigned *n);

#endif
