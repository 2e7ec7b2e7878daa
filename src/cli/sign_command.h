/* SPDX-License-Identifier: BSD-2-Clause */
/* `tined sign URL`: a link that is good for a while. */
#ifndef CLI_SIGN_COMMAND_H
#define CLI_SIGN_COMMAND_H

#include "cli/args.h"

/*
 * Prints the URL, signed with a key of the configuration.  argv[0] is the
 * command.  Returns the exit status, or ARGS_SHOW_USAGE.
 */
int sign_command_run(struct args *args, int argc, char **argv);

#endif
