/* SPDX-License-Identifier: BSD-2-Clause */
/* Sizes and times as people read them. */
#ifndef TOOLS_FORMAT_H
#define TOOLS_FORMAT_H

#include <stdint.h>

/* Room for any of these, with a NUL. */
#define FORMAT_BYTES 32

/* "999 B", "1.2 kB", "34.5 MB": units of 1000, as disks have.  Returns out. */
const char *format_size(char out[FORMAT_BYTES], uint64_t bytes);

/* "0.4 s", "12.3 s", "3 min 20 s", "2 h 5 min".  Returns out. */
const char *format_duration(char out[FORMAT_BYTES], uint64_t ms);

/* "8.3 %": what part is of whole; "-" of nothing.  Returns out. */
const char *format_part(char out[FORMAT_BYTES], uint64_t part, uint64_t whole);

#endif
