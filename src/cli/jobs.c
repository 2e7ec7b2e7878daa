/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/jobs.h"

#include <stdio.h>

#include "core/number.h"
#include "os/process.h"
#include "tools/crew.h"

unsigned
jobs_default(void)
{
	unsigned cores = process_usable_cores();

	return cores < CREW_MAX ? cores : CREW_MAX;
}

int
jobs_parse(const char *text, unsigned *jobs)
{
	uint64_t number;

	if (number_parse_u64(span_of(text), &number) == 0 && number > 0 &&
	    number <= CREW_MAX) {
		*jobs = (unsigned)number;
		return 0;
	}
	(void)fprintf(stderr,
	    "tined: -j: \"%s\": not a number of processes; allowed: 1 to %d\n",
	    text, CREW_MAX);
	return -1;
}
