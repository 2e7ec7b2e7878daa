/* SPDX-License-Identifier: BSD-2-Clause */
/* What the request at hand gets, whoever has to say that. */
#ifndef WORKER_DECIDE_H
#define WORKER_DECIDE_H

#include "worker/exchange.h"

/* Finds whom the request is for, its name, and whether bytes may be left. */
void decide_prepare(struct engine *engine, struct exchange *exchange);

/* Makes its reply; false: that has to wait, the question is with serve. */
bool decide_reply(struct engine *engine, struct exchange *exchange);

#endif
