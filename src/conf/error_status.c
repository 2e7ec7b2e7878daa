/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/error_status.h"

#include "conf/logskip.h"

bool
error_status_has_page(unsigned status)
{
	static const unsigned known[] = { 401, 403, 404, 405, 406, 410, 429,
		451, 500, 503 };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i] == status)
			return true;
	return false;
}

const char *
error_status_check(struct span name)
{
	unsigned number;

	switch (logskip_parse(name, &number)) {
	case LOGSKIP_STATUS:
		if (error_status_has_page(number))
			return NULL;
		break;
	case LOGSKIP_CLASS:
		if (number >= 4)
			return NULL;
		break;
	case LOGSKIP_GLOB:
	case LOGSKIP_HEALTH:
	case LOGSKIP_NONE: break;
	}
	return "no status that can have a page; allowed: 401, 403, 404, 405, "
	       "406, 410, 429, 451, 500, 503, 4xx, 5xx";
}
