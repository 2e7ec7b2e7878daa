/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose address may have a path: what allow and deny of [match] come to. */
#ifndef SERVE_GATE_H
#define SERVE_GATE_H

#include "conf/conf.h"

struct gate {
	const struct conf_match *const *matches; /* borrowed; see rules.h */
	uint64_t sections; /* bits of those that allow or deny; 0: none */
};

/* Why a client may, or may not. */
struct gate_verdict {
	bool open;
	const struct conf_match *match; /* that decides; NULL: none does */
	const struct cidr_entry *entry; /* of it; NULL: the client has none */
};

void gate_init(struct gate *gate, const struct conf_site *conf);

/*
 * Judges a client by the last of the sections in matched that has something to
 * say: by the smallest block there that holds his address.  Who is in none may
 * if nobody is expressly allowed.
 */
struct gate_verdict gate_judge(
    const struct gate *gate, uint64_t matched, const struct address *client);

static inline bool
gate_is_open(
    const struct gate *gate, uint64_t matched, const struct address *client)
{
	return (matched & gate->sections) == 0 ||
	       gate_judge(gate, matched, client).open;
}

#endif
