/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/admit.h"

bool
admit_client(const struct admit *admit, uint64_t matched, struct reply *reply)
{
	if (matched == 0)
		return true;
	if (gate_is_open(&admit->asked.site->gate, matched, admit->client))
		return auth_check(admit->auth, &admit->asked, matched, reply);
	reply_set_status(reply, 403);
	return false;
}
