/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/gate.h"

void
gate_init(struct gate *gate, const struct conf_site *conf)
{
	*gate = (struct gate){ .matches = conf->matches };
	for (unsigned i = 0; i < conf->nmatches; i++) {
		const struct conf_match *match = conf->matches[i];

		if (match->allow.nitems + match->deny.nitems > 0)
			gate->sections |= UINT64_C(1) << i;
	}
}

struct gate_verdict
gate_judge(
    const struct gate *gate, uint64_t matched, const struct address *client)
{
	struct gate_verdict verdict = { .open = true };

	matched &= gate->sections;
	if (matched == 0)
		return verdict;
	verdict.match = gate->matches[63 - __builtin_clzll(matched)];
	verdict.entry = cidr_set_find(&verdict.match->access, client);
	verdict.open = verdict.entry != NULL ? !verdict.entry->deny
					     : !verdict.match->access.allows;
	return verdict;
}
