/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/admit.h"

bool
admit_client(const struct admit *admit, uint64_t matched, struct reply *reply)
{
	const struct auth_asked asked = {
		.request = admit->request,
		.site = admit->site,
		.path = admit->path,
		.matched = matched,
		.clock = admit->clock,
	};

	if (matched == 0)
		return true;
	if (gate_is_open(&admit->site->gate, matched, admit->client))
		return auth_check(admit->auth, &asked, reply);
	reply_set_status(reply, 403);
	return false;
}
