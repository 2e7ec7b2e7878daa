/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How often a client may ask: limits.client_rate and match.client_rate, which
 * all workers keep together (status/ledger.h).
 */
#ifndef WORKER_QUOTA_H
#define WORKER_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "core/gcra.h"
#include "http/verdict.h"

struct engine;
struct exchange;

/* The limit of a [match] section. */
struct quota_section {
	struct gcra limit;
	uint64_t purpose; /* tells it from others; the same after a reload */
};

struct quota {
	bool on;           /* some limit is there */
	struct gcra limit; /* of all requests */
	/* As many as the configuration has [match]; NULL: none has a limit. */
	struct quota_section *sections;
};

/* What was found of a request. */
struct quota_ruling {
	bool asked;           /* the rest says something */
	bool exempt;          /* no limit counts for the client */
	enum verdict verdict; /* OK: go on */
	uint64_t retry_s;     /* then it may come, if it may not now */
	uint64_t sections;    /* that were asked, as bits of serve/rules.h */
};

/* Makes the limits of engine->conf ready.  0, or -1 with errno ENOMEM. */
int quota_init(struct engine *engine);

/*
 * Asks for the request at hand, once however often it is decided, and tells
 * engine->serve if it has come too soon.
 */
void quota_ask(struct engine *engine, struct exchange *exchange);

/*
 * The same of the [match] sections for what engine->serve has found.  True when
 * that must not be sent: serve is to decide again, and knows why.
 */
bool quota_ask_sections(struct engine *engine, struct exchange *exchange);

void quota_fini(struct quota *quota);

#endif
