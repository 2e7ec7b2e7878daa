/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/counters.h"

#include <stddef.h>

/* All of it is numbers that add up, one behind the other. */
_Static_assert(sizeof(struct counters) % sizeof(uint64_t) == 0,
    "struct counters has something else than 64-bit numbers in it");

#define COUNTERS_NUMBERS (sizeof(struct counters) / sizeof(uint64_t))

/* How many of them rise and never fall; now lies behind them. */
#define COUNTERS_RISING (offsetof(struct counters, now) / sizeof(uint64_t))

void
counters_add(struct counters *into, const struct counters *other)
{
	const uint64_t *from = &other->accepted;
	uint64_t *to = &into->accepted;

	for (size_t i = 0; i < COUNTERS_NUMBERS; i++)
		to[i] += from[i];
}

void
counters_subtract(struct counters *from, const struct counters *other)
{
	const uint64_t *less = &other->accepted;
	uint64_t *to = &from->accepted;

	for (size_t i = 0; i < COUNTERS_RISING; i++)
		to[i] = to[i] > less[i] ? to[i] - less[i] : 0;
}
