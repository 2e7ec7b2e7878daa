/* SPDX-License-Identifier: BSD-2-Clause */
/* `tined explain URL`: why a request gets the answer that it gets. */
#ifndef CLI_EXPLAIN_COMMAND_H
#define CLI_EXPLAIN_COMMAND_H

#include "cli/args.h"

/*
 * Explains a GET of a URL with the fields of -H, without a server.  argv[0] is
 * the word.  Returns the exit status, or ARGS_SHOW_USAGE.
 */
int explain_command_run(struct args *args, int argc, char **argv);

#endif
