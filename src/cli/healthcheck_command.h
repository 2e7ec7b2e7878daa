/* SPDX-License-Identifier: BSD-2-Clause */
/* `tined healthcheck`: is the server that runs ready? */
#ifndef CLI_HEALTHCHECK_COMMAND_H
#define CLI_HEALTHCHECK_COMMAND_H

#include "cli/args.h"

/*
 * Asks the server that the configuration names, as healthcheck_run() says, and
 * prints what it heard.  Returns its status, HEALTHCHECK_CONF also for a
 * configuration that cannot be used, or ARGS_SHOW_USAGE.
 */
int healthcheck_command_run(struct args *args, int argc, char **argv);

#endif
