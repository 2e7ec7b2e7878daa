/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks of a configuration against the machine that is to serve with it. */
#ifndef CONF_MACHINE_H
#define CONF_MACHINE_H

#include "conf/conf.h"
#include "conf/report.h"

/* Checks the users, folders and files that conf names.  Changes nothing. */
void machine_check(const struct conf *conf, struct report *report);

#endif
