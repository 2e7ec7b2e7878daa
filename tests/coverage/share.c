/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A build with --enable-coverage: all processes of a program count in the same
 * memory, and its first one writes the sum when it exits.
 *
 * gcov's own way is that each process writes its counts as it leaves.  Ours
 * leave by _exit(2), have given up their user and may not open a file any more,
 * or are killed because a test wants to see that.
 */
#include <stdlib.h>
#include <sys/mman.h>

/* Made by counters.ld, whole pages. */
extern char coverage_start[];
extern char coverage_end[];

/* The linker is told to want it. */
__attribute__((constructor)) void coverage_share(void);

void
coverage_share(void)
{
	void *counters = mmap(coverage_start,
	    (size_t)(coverage_end - coverage_start), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	if (counters == MAP_FAILED)
		abort();
}
