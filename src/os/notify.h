/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Telling a service manager how we are, in the protocol of sd_notify(3): lines
 * of NAME=VALUE in one datagram to the unix socket that NOTIFY_SOCKET names.
 *
 * Nobody can make us wait, and nothing here is a reason not to serve.
 */
#ifndef OS_NOTIFY_H
#define OS_NOTIFY_H

#include <stdint.h>

#include "os/sock_addr.h"

/* Enough for any message, its NUL included. */
#define NOTIFY_TEXT 1024

struct notify {
	int fd;               /* -1: nobody wants to hear */
	struct sock_addr to;  /* the manager: a path, or an abstract name */
	uint64_t watchdog_us; /* a sign of life is due that often; 0: never */
};

/*
 * Takes what the environment says: NOTIFY_SOCKET, and WATCHDOG_USEC if
 * WATCHDOG_PID is us or is not there.  Removes the three, so that no child
 * takes itself for us.  Returns 0, also when there is no manager; -1 with errno
 * when its socket cannot be used: nobody is told then.
 */
int notify_open(struct notify *notify);

void notify_close(struct notify *notify);

/*
 * Sends one message.  Returns 0, also when nobody wants to hear; -1 with errno:
 * EAGAIN when the manager has not read what it has.
 */
int notify_send(const struct notify *notify, const char *text);

/*
 * Puts the variables back, for a program that this process is to become.
 * Returns 0, or -1 with errno.
 */
int notify_give(const struct notify *notify);

#endif
