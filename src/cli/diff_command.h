/* SPDX-License-Identifier: BSD-2-Clause */
/* `tined diff`: what a reload would change. */
#ifndef CLI_DIFF_COMMAND_H
#define CLI_DIFF_COMMAND_H

#include "cli/args.h"

/*
 * Compares the configuration as it is now with the one that the running server
 * has.  argv[0] is the word.  Returns the exit status, as diff(1) does: 0 when
 * nothing would change, 1 when something would, 2 for trouble; or
 * ARGS_SHOW_USAGE.
 */
int diff_command_run(struct args *args, int argc, char **argv);

#endif
