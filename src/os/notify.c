/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/number.h"

#define NOTIFY_SOCKET        "NOTIFY_SOCKET"
#define NOTIFY_WATCHDOG_USEC "WATCHDOG_USEC"
#define NOTIFY_WATCHDOG_PID  "WATCHDOG_PID"

/* "/path", or "@name" for a name in no file system (unix(7)). */
static int
notify_parse_address(struct sock_addr *addr, const char *text)
{
	struct sockaddr_un *un = &addr->sa.un;
	size_t len = strlen(text);

	if (len < 2 || (text[0] != '/' && text[0] != '@')) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	if (len >= sizeof(un->sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	*addr = (struct sock_addr){ 0 };
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, text, len);
	addr->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	/* A path ends with its NUL, an abstract name by its length. */
	if (text[0] == '/')
		addr->len++;
	else
		un->sun_path[0] = '\0';
	return 0;
}

static uint64_t
notify_read_number(const char *name)
{
	const char *text = getenv(name);
	uint64_t number;

	if (text == NULL || number_parse_u64(span_of(text), &number) == -1)
		return 0;
	return number;
}

/* A watchdog whose process is not us waits for somebody else. */
static uint64_t
notify_read_watchdog(void)
{
	if (getenv(NOTIFY_WATCHDOG_PID) != NULL &&
	    notify_read_number(NOTIFY_WATCHDOG_PID) != (uint64_t)getpid())
		return 0;
	return notify_read_number(NOTIFY_WATCHDOG_USEC);
}

static int
notify_open_socket(struct notify *notify, const char *address)
{
	if (notify_parse_address(&notify->to, address) == -1)
		return -1;
	notify->fd =
	    socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	return notify->fd == -1 ? -1 : 0;
}

int
notify_open(struct notify *notify)
{
	const char *address = getenv(NOTIFY_SOCKET);
	int error, rc = 0;

	*notify = (struct notify){ .fd = -1 };
	if (address != NULL && *address != '\0')
		rc = notify_open_socket(notify, address);
	error = errno;
	if (notify->fd != -1)
		notify->watchdog_us = notify_read_watchdog();
	(void)unsetenv(NOTIFY_SOCKET);
	(void)unsetenv(NOTIFY_WATCHDOG_USEC);
	(void)unsetenv(NOTIFY_WATCHDOG_PID);
	errno = error;
	return rc;
}

void
notify_close(struct notify *notify)
{
	if (notify->fd != -1)
		(void)close(notify->fd);
	*notify = (struct notify){ .fd = -1 };
}

int
notify_send(const struct notify *notify, const char *text)
{
	ssize_t sent;

	if (notify->fd == -1)
		return 0;
	do
		sent = sendto(notify->fd, text, strlen(text), MSG_NOSIGNAL,
		    &notify->to.sa.any, notify->to.len);
	while (sent == -1 && errno == EINTR);
	return sent == -1 ? -1 : 0;
}

static int
notify_give_number(const char *name, uint64_t number)
{
	char text[NUMBER_U64_DIGITS + 1];

	(void)snprintf(text, sizeof(text), "%" PRIu64, number);
	return setenv(name, text, 1);
}

int
notify_give(const struct notify *notify)
{
	char address[sizeof(notify->to.sa.un.sun_path) + 1];

	if (notify->fd == -1)
		return 0;
	(void)snprintf(address, sizeof(address), "%c%s",
	    notify->to.sa.un.sun_path[0] == '\0' ? '@' : '/',
	    notify->to.sa.un.sun_path + 1);
	if (setenv(NOTIFY_SOCKET, address, 1) == -1)
		return -1;
	if (notify->watchdog_us == 0)
		return 0;
	if (notify_give_number(NOTIFY_WATCHDOG_PID, (uint64_t)getpid()) == -1)
		return -1;
	return notify_give_number(NOTIFY_WATCHDOG_USEC, notify->watchdog_us);
}
