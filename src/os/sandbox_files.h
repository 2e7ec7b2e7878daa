/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Landlock: a process takes rights from itself, for good, and from all threads
 * and processes that it makes later.  It needs no privilege, but
 * no_new_privs.  Descriptors that are open stay as they are; so does a unix
 * socket with a path, which no version that we know is about.
 */
#ifndef OS_SANDBOX_FILES_H
#define OS_SANDBOX_FILES_H

#include <stdint.h>

/* The version that this kernel has; 0: none, and errno says why. */
unsigned sandbox_files_abi(void);

/*
 * From now on nothing can be opened but to read, at and below the n folders of
 * folder_fds (O_PATH is enough); no TCP socket bound or connected, and no
 * process outside signalled, where the kernel can forbid that.  Sets the bits
 * of what is in force in *parts.  0, or -1 with errno and nothing changed.
 */
int sandbox_files_enter(const int *folder_fds, unsigned n, uint32_t *parts);

#endif
