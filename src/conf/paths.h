/* SPDX-License-Identifier: BSD-2-Clause */
/* What the configuration says about paths and the files behind them. */
#ifndef CONF_PATHS_H
#define CONF_PATHS_H

#include "conf/conf.h"
#include "conf/report.h"

/* The longest path that a configuration names, decoded. */
#define PATHS_BYTES_MAX 1000

/*
 * Judges a decoded path as one that can be asked for and whose names are all
 * shown.  Returns NULL, or what is wrong, static text.
 */
const char *paths_judge(struct span path);

/* Reports what is wrong with the try lists and fallbacks of sites. */
void paths_check(const struct conf *conf, struct report *report);

#endif
