/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/requestid.h"

#include <stdint.h>

#include "core/hash.h"

/* Longest name that we take from a client. */
#define REQUESTID_MAX 64

void
requestid_init(struct requestid *requestid)
{
	static const char hex[] = "0123456789abcdef";
	uint64_t random = hash_draw_key();

	memset(requestid->last, '0', sizeof(requestid->last));
	for (int i = 0; i < 16; i++)
		requestid->last[i] = hex[random >> (60 - 4 * i) & 15];
}

void
requestid_draw(struct requestid *requestid, char out[REQUESTID_LEN])
{
	char *digit = requestid->last + REQUESTID_LEN - 1;

	/* Adds one; 16 digits are not used up in this universe. */
	while (*digit == 'f')
		*digit-- = '0';
	*digit = *digit == '9' ? 'a' : (char)(*digit + 1);
	memcpy(out, requestid->last, REQUESTID_LEN);
}

bool
requestid_is_fit(struct span name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-')
			return false;
	}
	return name.len > 0 && name.len <= REQUESTID_MAX;
}
