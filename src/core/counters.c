/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/counters.h"

#include <stddef.h>
#include <sys/mman.h>

struct counters *
counters_map(unsigned n)
{
	void *map = mmap(NULL, n * sizeof(struct counters),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return map == MAP_FAILED ? NULL : map;
}

void
counters_unmap(struct counters **countersp, unsigned n)
{
	/* Fails only for an address that was never mapped. */
	(void)munmap(*countersp, n * sizeof(struct counters));
	*countersp = NULL;
}
