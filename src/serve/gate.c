/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/gate.h"

#include "serve/rules.h"

void
gate_init(struct gate *gate, const struct conf_site *conf)
{
	*gate = (struct gate){ .matches = conf->matches };
	for (unsigned i = 0; i < conf->nmatches; i++) {
		const struct conf_match *match = conf->matches[i];

		if (match->allow.nitems + match->deny.nitems > 0)
			gate->sections |= rules_bit(i);
	}
}

struct gate_verdict
gate_judge(
    const struct gate *gate, uint64_t matched, const struct address *client)
{
	struct gate_verdict verdict = { .open = true };

	verdict.match = rules_last(gate->matches, matched & gate->sections);
	if (verdict.match == NULL)
		return verdict;
	verdict.entry = cidr_set_find(&verdict.match->access, client);
	verdict.open = verdict.entry != NULL ? !verdict.entry->deny
					     : !verdict.match->access.allows;
	return verdict;
}
