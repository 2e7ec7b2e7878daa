/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/gcra.h"

#include <assert.h>

#define GCRA_HOUR_NS UINT64_C(3600000000000)

struct gcra
gcra_make(uint64_t per_hour, uint64_t burst)
{
	struct gcra limit = { 0 };

	if (per_hour == 0)
		return limit;
	assert(burst > 0);
	/* Rounded up, so that nobody gets more than the limit says. */
	limit.interval_ns = (GCRA_HOUR_NS + per_hour - 1) / per_hour;
	limit.ahead_ns = (burst - 1) * limit.interval_ns;
	return limit;
}

uint64_t
gcra_take(const struct gcra *limit, uint64_t *even_ns, uint64_t now_ns)
{
	const uint64_t most_ns = limit->ahead_ns + limit->interval_ns;
	uint64_t ahead_ns = *even_ns > now_ns ? *even_ns - now_ns : 0;

	if (ahead_ns > most_ns) {
		ahead_ns = most_ns;
		*even_ns = now_ns + ahead_ns;
	}
	if (ahead_ns > limit->ahead_ns)
		return ahead_ns - limit->ahead_ns;
	*even_ns = now_ns + ahead_ns + limit->interval_ns;
	return 0;
}
