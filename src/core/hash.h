/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hashing for tables that clients can fill.
 *
 * Keyed with a random number, so nobody outside can choose paths that
 * all fall into one bucket.  A hash finds; only a comparison decides.
 */
#ifndef CORE_HASH_H
#define CORE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* A key that nobody outside can know. */
uint64_t hash_draw_key(void);

/* The hash of len bytes under a key. */
uint32_t hash_bytes(uint64_t key, const char *bytes, size_t len);

/* The same with all its bits: so wide that two things hardly ever share one. */
uint64_t hash_bytes_wide(uint64_t key, const char *bytes, size_t len);

#endif
