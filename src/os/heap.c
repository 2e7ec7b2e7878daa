/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/heap.h"

#include <stddef.h>
#include <stdlib.h>

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define HEAP_COUNTED 0
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define HEAP_COUNTED 0
#endif
#endif
#ifndef HEAP_COUNTED
#ifdef __GLIBC__
#define HEAP_COUNTED 1
#else
#define HEAP_COUNTED 0
#endif
#endif

/* Where nobody looks: the count costs the same whether it is wanted or not. */
static uint64_t heap_unwanted;
static uint64_t *heap_calls = &heap_unwanted;
static uint64_t *heap_bytes = &heap_unwanted;

bool
heap_is_counted(void)
{
	return HEAP_COUNTED != 0;
}

void
heap_count_into(uint64_t *calls, uint64_t *bytes)
{
	heap_calls = calls;
	heap_bytes = bytes;
}

void
heap_count_stop(void)
{
	heap_count_into(&heap_unwanted, &heap_unwanted);
}

#if HEAP_COUNTED

/*
 * glibc's own, under the names that it has for programs like this one.
 * NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)
 */
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t n, size_t bytes);
void *__libc_realloc(void *old, size_t bytes);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

static void *
heap_malloc(size_t bytes)
{
	++*heap_calls;
	*heap_bytes += bytes;
	return __libc_malloc(bytes);
}

static void *
heap_calloc(size_t n, size_t bytes)
{
	++*heap_calls;
	*heap_bytes += n * bytes;
	return __libc_calloc(n, bytes);
}

static void *
heap_realloc(void *old, size_t bytes)
{
	++*heap_calls;
	*heap_bytes += bytes;
	return __libc_realloc(old, bytes);
}

void *malloc(size_t bytes) __attribute__((alias("heap_malloc")));
void *calloc(size_t n, size_t bytes) __attribute__((alias("heap_calloc")));
void *realloc(void *old, size_t bytes) __attribute__((alias("heap_realloc")));

#endif
