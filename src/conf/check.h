/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks between the keys of a configuration. */
#ifndef CONF_CHECK_H
#define CONF_CHECK_H

#include "conf/conf.h"
#include "conf/report.h"

/*
 * Checks what no single key can tell: what is required, what must differ,
 * what must fit.  sections_known says that no section was left out.
 */
void check_conf(struct conf *conf, struct report *report, bool sections_known);

#endif
