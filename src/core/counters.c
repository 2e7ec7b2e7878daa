/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/counters.h"

#include <stddef.h>

/* All of it is numbers that add up, one behind the other. */
_Static_assert(sizeof(struct counters) % sizeof(uint64_t) == 0,
    "struct counters has something else than 64-bit numbers in it");

void
counters_add(struct counters *into, const struct counters *other)
{
	const uint64_t *from = &other->accepted;
	uint64_t *to = &into->accepted;

	for (size_t i = 0; i < sizeof(*into) / sizeof(uint64_t); i++)
		to[i] += from[i];
}
