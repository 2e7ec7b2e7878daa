/* SPDX-License-Identifier: BSD-2-Clause */
/* `tined precompress DIR`: compressed forms of files, beside them. */
#ifndef CLI_PRECOMPRESS_COMMAND_H
#define CLI_PRECOMPRESS_COMMAND_H

#include "cli/args.h"

/*
 * Makes the sidecars of a folder.  argv[0] is the word.  Returns the exit
 * status: 0, 1 when some could not be made; or ARGS_SHOW_USAGE.
 */
int precompress_command_run(struct args *args, int argc, char **argv);

#endif
