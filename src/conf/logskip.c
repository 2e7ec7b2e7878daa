/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/logskip.h"

static bool
logskip_is_digit(char c, char least, char most)
{
	return c >= least && c <= most;
}

enum logskip_kind
logskip_parse(struct span word, unsigned *number)
{
	const char *p = word.ptr;

	*number = 0;
	if (span_equal(word, SPAN("health")))
		return LOGSKIP_HEALTH;
	if (word.len > 0 && (*p == '/' || *p == '*'))
		return LOGSKIP_GLOB;
	if (word.len != 3 || !logskip_is_digit(p[0], '2', '5'))
		return LOGSKIP_NONE;
	*number = (unsigned)(p[0] - '0');
	if (p[1] == 'x' && p[2] == 'x')
		return LOGSKIP_CLASS;
	if (!logskip_is_digit(p[1], '0', '9') ||
	    !logskip_is_digit(p[2], '0', '9'))
		return LOGSKIP_NONE;
	*number = *number * 100 + (unsigned)(p[1] - '0') * 10 +
		  (unsigned)(p[2] - '0');
	return LOGSKIP_STATUS;
}
