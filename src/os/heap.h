/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counting what is asked of the heap, by us and by every library.
 *
 * The program has its own malloc(3) and its kin, which count and hand on to
 * glibc's; the linker gives them to the libraries too.  A build with the
 * sanitizer of addresses, memory or threads, or without glibc, cannot: there
 * nothing is counted.
 */
#ifndef OS_HEAP_H
#define OS_HEAP_H

#include <stdbool.h>
#include <stdint.h>

/* True when this program can count. */
bool heap_is_counted(void);

/*
 * From now on adds each call of malloc, calloc and realloc to *calls, and the
 * bytes that it asks for to *bytes, which the caller keeps alive.
 */
void heap_count_into(uint64_t *calls, uint64_t *bytes);

/* Nothing is counted any more. */
void heap_count_stop(void);

#endif
