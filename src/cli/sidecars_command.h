/* SPDX-License-Identifier: BSD-2-Clause */
/* `tined sidecars DIR`: what is wrong with compressed forms of files. */
#ifndef CLI_SIDECARS_COMMAND_H
#define CLI_SIDECARS_COMMAND_H

#include "cli/args.h"

/*
 * Checks the sidecars of a folder.  argv[0] is the word.  Returns the exit
 * status: 0 when all are good, 1 when some are not, 2 for trouble; or
 * ARGS_SHOW_USAGE.
 */
int sidecars_command_run(struct args *args, int argc, char **argv);

#endif
