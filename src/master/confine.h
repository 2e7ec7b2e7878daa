/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process that is to serve gives up all it does not need: user, root
 * folder, capabilities, files.  System calls are the last, and its own
 * business (worker/calls.h), since it needs more of them until it is ready.
 */
#ifndef MASTER_CONFINE_H
#define MASTER_CONFINE_H

#include <stdint.h>

#include "master/generation.h"

/*
 * In a process that was forked and has one thread: becomes server.user, and
 * keeps to server.sandbox.  It may open files below the n folders of fds
 * afterwards; where site.symlinks lets links lead elsewhere, any file.
 * *parts gets what is in force, as core/sandbox.h says.
 * Returns 0, or -1 after it logged why.
 */
int confine_enter(const struct generation *generation, const int *fds,
    unsigned n, uint32_t *parts);

/* Notes in the log what server.sandbox = auto has to do without. */
void confine_tell(const struct conf *conf);

#endif
