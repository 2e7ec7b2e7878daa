/* SPDX-License-Identifier: BSD-2-Clause */
/* What the error log hears of answers that are not as the operator wants. */
#ifndef WORKER_COMPLAIN_H
#define WORKER_COMPLAIN_H

#include "worker/engine.h"
#include "worker/exchange.h"

/*
 * Says what is to be said of an answer that was decided: a file that could not
 * be served, one that its manifest does not know, an error page that is not
 * there.  In most cases nothing.
 */
void complain_of_answer(struct engine *engine, const struct exchange *exchange);

/* The bytes of a request up to a line with credentials, which no log gets. */
struct span complain_before_credentials(struct span bytes);

#endif
