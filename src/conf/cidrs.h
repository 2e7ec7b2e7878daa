/* SPDX-License-Identifier: BSD-2-Clause */
/* The lists of address blocks, made into sets that answer quickly. */
#ifndef CONF_CIDRS_H
#define CONF_CIDRS_H

#include "conf/conf.h"
#include "conf/report.h"

/*
 * Makes the sets of [match], [server] and [limits].  Reports blocks with bits
 * behind their prefix, and listens that need a proxy where none is trusted;
 * warns of trust in everybody.
 */
void cidrs_complete(struct conf *conf, struct report *report);

#endif
