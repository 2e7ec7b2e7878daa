/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One byte and some descriptors over a unix socket (SCM_RIGHTS, unix(7)).
 *
 * What master and worker say to each other: the byte says what, the
 * descriptors are duplicated by the kernel into the receiver.  To a client of
 * the master it may be more bytes.
 */
#ifndef OS_FDPASS_H
#define OS_FDPASS_H

#include <sys/types.h>

#include "core/span.h"

/* Most descriptors in one message. */
#define FDPASS_MAX 32

/*
 * Sends byte with n descriptors (0 is allowed), which the caller keeps.
 * Returns 0, or -1 with errno: EAGAIN when the socket is full, EPIPE when
 * nobody is there (no SIGPIPE).
 */
int fdpass_send(int sock_fd, char byte, const int *fds, unsigned n);

/* The same for a text, of which only a part may be sent. */
int fdpass_send_text(int sock_fd, struct span text, const int *fds, unsigned n);

/*
 * Receives one message without waiting: *byte, and *n descriptors into fds,
 * which has room for FDPASS_MAX.  The caller owns them; they are close-on-exec.
 * Returns 1, 0 at end of file, or -1 with errno (EAGAIN: nothing there).
 */
int fdpass_recv(int sock_fd, char *byte, int fds[FDPASS_MAX], unsigned *n);

/* The same for up to cap bytes; returns how many, 0 at end of file, or -1. */
ssize_t fdpass_recv_text(
    int sock_fd, char *text, size_t cap, int fds[FDPASS_MAX], unsigned *n);

#endif
