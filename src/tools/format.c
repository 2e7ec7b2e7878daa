/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/format.h"

#include <stdio.h>

const char *
format_size(char out[FORMAT_BYTES], uint64_t bytes)
{
	static const char *const units[] = { "kB", "MB", "GB", "TB", "PB",
		"EB" };
	double size = (double)bytes / 1000;
	unsigned i = 0;

	if (bytes < 1000) {
		(void)snprintf(out, FORMAT_BYTES, "%u B", (unsigned)bytes);
		return out;
	}
	/* What would be rounded to 1000.0 is one of the next unit. */
	while (size >= 999.95) {
		size /= 1000;
		i++;
	}
	(void)snprintf(out, FORMAT_BYTES, "%.1f %s", size, units[i]);
	return out;
}

const char *
format_duration(char out[FORMAT_BYTES], uint64_t ms)
{
	unsigned long long s = ms / 1000;

	if (s < 100)
		(void)snprintf(out, FORMAT_BYTES, "%llu.%llu s", s,
		    (unsigned long long)(ms % 1000 / 100));
	else if (s < 6000)
		(void)snprintf(
		    out, FORMAT_BYTES, "%llu min %llu s", s / 60, s % 60);
	else
		(void)snprintf(out, FORMAT_BYTES, "%llu h %llu min",
		    s / 3600 % 1000000, s / 60 % 60);
	return out;
}

const char *
format_part(char out[FORMAT_BYTES], uint64_t part, uint64_t whole)
{
	if (whole == 0)
		(void)snprintf(out, FORMAT_BYTES, "-");
	else
		(void)snprintf(out, FORMAT_BYTES, "%.1f %%",
		    (double)part * 100 / (double)whole);
	return out;
}
