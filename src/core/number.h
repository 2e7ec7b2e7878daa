/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers as people and protocols write them.
 *
 * Strict on purpose: no sign, no space, no locale, no wrap-around.  What is
 * not a number is an error and not zero.
 */
#ifndef CORE_NUMBER_H
#define CORE_NUMBER_H

#include <stdint.h>

#include "core/span.h"

/* Most digits of a uint64_t in decimal. */
#define NUMBER_U64_DIGITS 20

/* One or more digits and nothing else.  0, or -1 with errno EINVAL, ERANGE. */
int number_parse_u64(struct span text, uint64_t *value);

/* Digits and an optional k, m or g (1024, 1024^2, 1024^3), any case. */
int number_parse_bytes(struct span text, uint64_t *bytes);

/* Digits and a unit: ms, s, m, h or d; a bare number is seconds. */
int number_parse_duration(struct span text, uint64_t *ms);

/* Digits and how often: /s, /m or /h; so many an hour. */
int number_parse_rate(struct span text, uint64_t *per_hour);

/* Writes value in decimal, without a NUL; returns the length, 20 at most. */
size_t number_format_u64(char *out, uint64_t value);

/* Writes value in base 36, 0-9a-z, without a NUL; 13 characters at most. */
size_t number_format_base36(char *out, uint64_t value);

#endif
