/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines for syslogd: a datagram each, to a unix socket (RFC 3164 4.1).
 *
 *   <30>Nov 23 17:52:25 tined[4711]: what happened
 *
 * Nothing here waits.  libc's syslog(3) does, and reads the time zone.
 */
#ifndef CORE_SYSLOG_H
#define CORE_SYSLOG_H

#include <stdint.h>
#include <sys/un.h>
#include <unistd.h>

/* Those of RFC 3164 4.1.1 that a server has a use for. */
enum syslog_facility {
	SYSLOG_DAEMON,
	SYSLOG_USER,
	SYSLOG_LOCAL0,
	SYSLOG_LOCAL1,
	SYSLOG_LOCAL2,
	SYSLOG_LOCAL3,
	SYSLOG_LOCAL4,
	SYSLOG_LOCAL5,
	SYSLOG_LOCAL6,
	SYSLOG_LOCAL7,
};

/* With the numbers of RFC 3164. */
enum syslog_severity {
	SYSLOG_ERROR = 3,
	SYSLOG_WARNING = 4,
	SYSLOG_NOTICE = 5,
	SYSLOG_INFO = 6,
	SYSLOG_DEBUG = 7,
};

/* A path that fits into an address, its NUL included. */
#define SYSLOG_PATH_BYTES sizeof(((struct sockaddr_un *)NULL)->sun_path)

struct syslog {
	enum syslog_facility facility;
	char path[SYSLOG_PATH_BYTES]; /* of syslogd's socket */
	long offset_s;                /* of local time from UTC */
	int64_t tried_us; /* to reach a syslogd that had gone; 0: never */
};

/*
 * Opens a socket that sends to path.  Returns the descriptor, which the caller
 * owns, or -1 with errno.  Without a syslogd there it is not connected yet:
 * *missing is then the errno, otherwise 0.
 */
int syslog_open(const char *path, int *missing);

/* Where to send, and as what; path is cut where it does not fit. */
void syslog_init(
    struct syslog *syslog, const char *path, enum syslog_facility facility);

/*
 * Sends a line, without its newline, to fd of syslog_open().  When syslogd
 * came back meanwhile, connects anew, once a second at most.
 * Returns 0, or -1 with errno: EAGAIN when syslogd does not keep up.
 */
int syslog_send(struct syslog *syslog, int fd, enum syslog_severity severity,
    const char *line, size_t len);

#endif
