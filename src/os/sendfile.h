/* SPDX-License-Identifier: BSD-2-Clause */
/* sendfile(2) for a slice of a file. */
#ifndef OS_SENDFILE_H
#define OS_SENDFILE_H

#include <stdint.h>
#include <sys/types.h>

/*
 * Sends up to len bytes of file_fd from *offset to sock_fd and moves *offset
 * on.  Does not move the file's own position.  The process must ignore SIGPIPE.
 * Returns the bytes sent, 0 at the end of the file, or -1 with errno (EAGAIN:
 * wait until the socket is writable).
 */
ssize_t sendfile_slice(int sock_fd, int file_fd, uint64_t *offset, size_t len);

#endif
