/* SPDX-License-Identifier: BSD-2-Clause */
/* What the configuration says about paths and the files behind them. */
#ifndef CONF_PATHS_H
#define CONF_PATHS_H

#include "conf/conf.h"
#include "conf/report.h"

/* Reports what is wrong with try lists, fallbacks and redirect_hosts. */
void paths_check(const struct conf *conf, struct report *report);

#endif
