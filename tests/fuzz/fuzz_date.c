/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A date that was read is written as the C library would write it; it can be
 * read again, and is the same.
 */
#include "fuzz.h"

#include <assert.h>
#include <stdio.h>
#include <time.h>

#include "http/date.h"

#define NOW  1767225600            /* 1 Jan 2026 */
#define LAST INT64_C(253402300799) /* the end of 31 Dec 9999 */

static void
date_check_text(const char *text, time_t seconds)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char want[64];
	struct tm tm;

	assert(gmtime_r(&seconds, &tm) != NULL);
	(void)snprintf(want, sizeof(want),
	    "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + 3 * tm.tm_wday,
	    tm.tm_mday, months + 3 * tm.tm_mon, tm.tm_year + 1900, tm.tm_hour,
	    tm.tm_min, tm.tm_sec);
	assert(memcmp(text, want, DATE_IMF_LEN) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char out[DATE_IMF_LEN];
	int64_t seconds, again;

	if (!date_parse(
		(struct span){ (const char *)data, len }, NOW, &seconds))
		return 0;
	/* A leap second at the end of 9999 is past what can be written. */
	if (seconds > LAST)
		return 0;
	date_format_imf(out, seconds);
	date_check_text(out, seconds);
	assert(date_parse((struct span){ out, sizeof(out) }, NOW, &again));
	assert(again == seconds);
	return 0;
}
