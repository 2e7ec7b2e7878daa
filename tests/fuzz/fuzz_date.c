/* SPDX-License-Identifier: BSD-2-Clause */
/* A date that was read and written can be read again, and is the same. */
#include "fuzz.h"

#include <assert.h>

#include "http/date.h"

#define NOW  1767225600            /* 1 Jan 2026 */
#define LAST INT64_C(253402300799) /* the end of 31 Dec 9999 */

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
	assert(date_parse((struct span){ out, sizeof(out) }, NOW, &again));
	assert(again == seconds);
	return 0;
}
