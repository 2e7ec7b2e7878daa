/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/healthcheck.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/escape.h"

/* For all of it: whoever is slower is not well. */
#define HEALTHCHECK_MS 2000

static const char healthcheck_request[] = "GET /readyz HTTP/1.1\r\n"
					  "Host: localhost\r\n"
					  "User-Agent: tined-healthcheck\r\n"
					  "Connection: close\r\n"
					  "\r\n";

struct healthcheck {
	int fd;
	int64_t deadline_us;
	size_t len;
	char answer[2048]; /* with a NUL */
};

/* Where a site answers whether we are ready, without a proxy; or NULL. */
static const struct sock_addr *
healthcheck_find_listen(const struct conf *conf)
{
	for (unsigned i = 0; conf->server.health && i < conf->nlistens; i++)
		if (conf->listens[i].proxy_protocol == CONF_PROXY_PROTOCOL_OFF)
			return &conf->listens[i].addrs[0];
	return NULL;
}

/* Whom to ask; a message and -1 when there is nobody. */
static int
healthcheck_find(const struct conf *conf, struct sock_addr *addr)
{
	const struct sock_addr *listen = healthcheck_find_listen(conf);
	struct sockaddr_in *in = &addr->sa.in;
	struct sockaddr_in6 *in6 = &addr->sa.in6;
	in_port_t port = 1;

	if (conf->admin.addresses.nitems > 0) {
		*addr = conf->admin.addrs[0];
	} else if (listen != NULL) {
		*addr = *listen;
	} else {
		(void)fprintf(stderr,
		    "tined: healthcheck: nobody to ask: set admin.address, "
		    "or server.health = yes with an address that needs no "
		    "proxy\n");
		return -1;
	}
	if (addr->sa.any.sa_family == AF_INET) {
		port = in->sin_port;
		if (in->sin_addr.s_addr == htonl(INADDR_ANY))
			in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	} else if (addr->sa.any.sa_family == AF_INET6) {
		port = in6->sin6_port;
		if (IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr))
			in6->sin6_addr = in6addr_loopback;
	}
	if (port != 0)
		return 0;
	(void)fprintf(stderr,
	    "tined: healthcheck: nobody to ask: port 0 is another one each "
	    "time; give the address a port\n");
	return -1;
}

/* Waits until the socket can do that.  0, or -1 with errno. */
static int
healthcheck_wait(const struct healthcheck *check, short what)
{
	struct pollfd pollfd = { .fd = check->fd, .events = what };
	int64_t left_us;
	int rc;

	do {
		left_us = check->deadline_us - clock_now_us();
		if (left_us <= 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		rc = poll(&pollfd, 1, (int)(left_us / 1000) + 1);
	} while (rc == 0 || (rc == -1 && errno == EINTR));
	return rc == -1 ? -1 : 0;
}

static int
healthcheck_connect(struct healthcheck *check, const struct sock_addr *addr)
{
	int error;
	socklen_t len = sizeof(error);

	check->fd = socket(addr->sa.any.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (check->fd == -1)
		return -1;
	if (connect(check->fd, &addr->sa.any, addr->len) == 0)
		return 0;
	if (errno != EINPROGRESS || healthcheck_wait(check, POLLOUT) == -1 ||
	    getsockopt(check->fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
		return -1;
	errno = error;
	return error == 0 ? 0 : -1;
}

/* Sends the request, which a new socket takes whole, and reads to the end. */
static int
healthcheck_ask(struct healthcheck *check)
{
	size_t len = sizeof(healthcheck_request) - 1;

	if (send(check->fd, healthcheck_request, len, MSG_NOSIGNAL) !=
	    (ssize_t)len)
		return -1;
	while (check->len < sizeof(check->answer) - 1) {
		ssize_t n = recv(check->fd, check->answer + check->len,
		    sizeof(check->answer) - 1 - check->len, 0);

		if (n == 0)
			return 0;
		if (n > 0)
			check->len += (size_t)n;
		else if (errno != EINTR &&
			 (errno != EAGAIN ||
			     healthcheck_wait(check, POLLIN) == -1))
			return -1;
	}
	return 0;
}

/* Says what the answer was.  The exit status. */
static int
healthcheck_judge(const struct healthcheck *check, const char *where)
{
	const char *line = check->answer;
	const char *body = strstr(line, "\r\n\r\n");
	const char *what = " does not say whether it is ready, but: ";
	char text[160];
	size_t len;

	if (strncmp(line, "HTTP/1.1 200 ", 13) == 0) {
		(void)printf("%s: ready\n", where);
		return EXIT_SUCCESS;
	}
	if (strncmp(line, "HTTP/1.1 503 ", 13) == 0 && body != NULL) {
		what = ": not ready: ";
		line = body + 4;
	}
	/* It may be anybody's: not everything is for a terminal. */
	len = escape_log(
	    text, sizeof(text), (struct span){ line, strcspn(line, "\r\n") });
	(void)fprintf(stderr, "tined: healthcheck: %s%s%.*s\n", where, what,
	    (int)len, text);
	return EXIT_FAILURE;
}

int
healthcheck_run(const struct conf *conf)
{
	struct healthcheck check = { .fd = -1,
		.deadline_us =
		    clock_now_us() + INT64_C(1000) * HEALTHCHECK_MS };
	char where[SOCK_ADDR_TEXT];
	struct sock_addr addr;
	int status = EXIT_FAILURE;

	if (healthcheck_find(conf, &addr) == -1)
		return HEALTHCHECK_CONF;
	sock_addr_format(&addr, where);
	if (healthcheck_connect(&check, &addr) == 0 &&
	    healthcheck_ask(&check) == 0)
		status = healthcheck_judge(&check, where);
	else
		(void)fprintf(stderr, "tined: healthcheck: %s: %s\n", where,
		    errno == ETIMEDOUT ? "no answer within two seconds"
				       : strerror(errno));
	if (check.fd != -1)
		(void)close(check.fd);
	return status;
}
