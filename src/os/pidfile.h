/* SPDX-License-Identifier: BSD-2-Clause */
/* A pidfile whose lock, and not its existence, says that a master lives. */
#ifndef OS_PIDFILE_H
#define OS_PIDFILE_H

#include <sys/types.h>

/*
 * Opens and locks path, an absolute one, creating it and its folder (a fresh
 * /run has none); the number is written by pidfile_write(), when the server is
 * ready.  Returns the descriptor, which holds the lock, or -1 with errno
 * (EWOULDBLOCK: another process holds it).
 */
int pidfile_open(const char *path);

/* Replaces the contents by pid and a newline.  0, or -1 with errno. */
int pidfile_write(int fd, pid_t pid);

/*
 * The process that holds the lock of path.  Returns 0 when nobody holds it
 * (the file is stale or missing), or -1 with errno.
 */
pid_t pidfile_read(const char *path);

/* Removes path and closes fd, which releases the lock. */
void pidfile_close(int fd, const char *path);

#endif
