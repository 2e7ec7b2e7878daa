/* SPDX-License-Identifier: BSD-2-Clause */
/* Which sites a [match] section is for. */
#ifndef CONF_MATCH_H
#define CONF_MATCH_H

#include "conf/conf.h"
#include "conf/report.h"

/*
 * Reads the names of all [match] sections and gives each site those that are
 * for it, in the order of the files.  What is wrong with them is reported.
 */
void match_complete(struct conf *conf, struct report *report);

#endif
