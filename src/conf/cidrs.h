/* SPDX-License-Identifier: BSD-2-Clause */
/* The lists of address blocks, made into sets that answer quickly. */
#ifndef CONF_CIDRS_H
#define CONF_CIDRS_H

#include "conf/conf.h"
#include "conf/report.h"

/* The item of the lists that an entry of a set stands for. */
#define CIDRS_ITEM(match, entry)                                               \
	((entry)->deny ? &(match)->deny : &(match)->allow)->items[(entry)->item]

/*
 * Makes the sets of [match] and [server].  Reports blocks with bits behind
 * their prefix, and listens that need a proxy where none is trusted; warns of
 * trust in everybody.
 */
void cidrs_complete(struct conf *conf, struct report *report);

#endif
