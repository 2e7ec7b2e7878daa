/* SPDX-License-Identifier: BSD-2-Clause */
/* `tined manifest DIR`: hashes of files, for site.manifest. */
#ifndef CLI_MANIFEST_COMMAND_H
#define CLI_MANIFEST_COMMAND_H

#include "cli/args.h"

/*
 * Writes the manifest of a folder, or with -c compares it with the files.
 * argv[0] is the word.  Returns the exit status: 0 when it was written or is
 * true, 1 when it is not true, 2 for trouble; or ARGS_SHOW_USAGE.
 */
int manifest_command_run(struct args *args, int argc, char **argv);

#endif
