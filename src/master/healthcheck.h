/* SPDX-License-Identifier: BSD-2-Clause */
/* `tined healthcheck`: is the server that has this configuration ready? */
#ifndef MASTER_HEALTHCHECK_H
#define MASTER_HEALTHCHECK_H

#include "conf/conf.h"

/* The exit status when the configuration names nobody to ask. */
#define HEALTHCHECK_CONF 2

/*
 * Asks for /readyz at the first address of [admin] or, without one and with
 * server.health, at the first address of all; within two seconds.  Says in a
 * sentence what it heard.
 * Returns the exit status of the program: 0 ready, 1 not or not there, or
 * HEALTHCHECK_CONF.
 */
int healthcheck_run(const struct conf *conf);

#endif
