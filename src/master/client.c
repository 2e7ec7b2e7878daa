/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "master/command.h"
#include "os/fdpass.h"
#include "os/pidfile.h"

/* What a master needs beyond the time its configuration gives it. */
#define CLIENT_PATIENCE_MS 10000

/* The exit status for a word that is no command. */
#define CLIENT_USAGE 2

struct client {
	int fd;
	int page_fd; /* a file that came with the answer; -1: none did */
	struct clock clock;
	int64_t deadline_ms;
	bool ok;    /* the last line began with "ok: " */
	bool heard; /* there was a line */
	size_t len; /* of the line so far */
	char line[1024];
};

/* What is wrong is shown at once, the good end when the master hangs up. */
static void
client_end_line(struct client *client)
{
	const char *text = client->line;

	client->line[client->len] = '\0';
	client->len = 0;
	client->heard = true;
	client->ok = strncmp(client->line, "ok: ", 4) == 0;
	if (client->ok)
		return;
	if (strncmp(text, "failed: ", 8) == 0)
		text += 8;
	(void)fprintf(stderr, "tined: %s\n", text);
}

/* Keeps a file that came. */
static void
client_keep(struct client *client, const int *fds, unsigned nfds)
{
	for (unsigned i = 0; i < nfds; i++) {
		if (client->page_fd != -1)
			(void)close(client->page_fd);
		client->page_fd = fds[i];
	}
}

static void
client_take(struct client *client, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '\n')
			client_end_line(client);
		else if (client->len < sizeof(client->line) - 1)
			client->line[client->len++] = bytes[i];
	}
}

/* Prints lines until the master hangs up.  0, or -1 with errno. */
static int
client_read(struct client *client)
{
	struct pollfd pollfd = { .fd = client->fd, .events = POLLIN };
	int fds[FDPASS_MAX], rc;
	char bytes[1024];
	unsigned nfds;
	ssize_t got;

	for (;;) {
		(void)clock_update(&client->clock);
		rc = 0;
		if (client->clock.mono_ms < client->deadline_ms)
			rc = poll(&pollfd, 1,
			    (int)(client->deadline_ms - client->clock.mono_ms));
		if (rc == 0)
			errno = ETIMEDOUT;
		if (rc == 0 || (rc == -1 && errno != EINTR))
			return -1;
		if (rc == -1)
			continue;
		got = fdpass_recv_text(
		    client->fd, bytes, sizeof(bytes), fds, &nfds);
		if (got == 0 || (got == -1 && errno != EAGAIN))
			return (int)got;
		if (got == -1)
			continue;
		client_keep(client, fds, nfds);
		client_take(client, bytes, (size_t)got);
	}
}

static int
client_connect(struct client *client, const char *pid_file, pid_t pid)
{
	struct sock_addr addr;

	if (command_address(&addr, pid_file) == -1) {
		errno = ENAMETOOLONG;
		return -1;
	}
	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd == -1)
		return -1;
	if (connect(client->fd, &addr.sa.any, addr.len) == 0)
		return 0;
	(void)fprintf(stderr,
	    "tined: cannot reach process %ld at %s.sock: %s\n", (long)pid,
	    pid_file, strerror(errno));
	return -1;
}

/* Prints the file that came.  The exit status. */
static int
client_print_page(const struct client *client)
{
	char bytes[4096];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(client->page_fd, bytes, sizeof(bytes), at)) > 0) {
		(void)fwrite(bytes, 1, (size_t)n, stdout);
		at += n;
	}
	if (n == 0 && fflush(stdout) == 0)
		return EXIT_SUCCESS;
	(void)fprintf(stderr, "tined: cannot print it: %s\n", strerror(errno));
	return EXIT_FAILURE;
}

/*
 * Sends the word and reads until the master hangs up; after stop and quit it
 * does so when it is gone and its pidfile is free.
 */
static int
client_talk(struct client *client, const char *word)
{
	char line[32];
	int len = snprintf(line, sizeof(line), "%s\n", word);

	if (send(client->fd, line, (size_t)len, MSG_NOSIGNAL) != len ||
	    client_read(client) == -1) {
		(void)fprintf(stderr, "tined: %s: no answer: %s\n", word,
		    strerror(errno));
		return EXIT_FAILURE;
	}
	if (!client->heard)
		(void)fprintf(
		    stderr, "tined: %s: it ended without an answer\n", word);
	if (!client->ok)
		return EXIT_FAILURE;
	if (client->page_fd != -1)
		return client_print_page(client);
	(void)printf("%s\n", client->line + strlen("ok: "));
	return EXIT_SUCCESS;
}

int
client_run(const struct conf *conf, const char *word)
{
	const char *pid_file = conf->server.pid_file;
	struct client client = { .fd = -1, .page_fd = -1 };
	int status = EXIT_FAILURE;
	pid_t pid;

	if (command_parse(word) == COMMAND_NONE) {
		(void)fprintf(stderr,
		    "tined: -s takes reload, reopen, upgrade, status, "
		    "stop or quit, not %s\n",
		    word);
		return CLIENT_USAGE;
	}
	if (*pid_file == '\0') {
		(void)fprintf(stderr,
		    "tined: without server.pid_file there is no way to find "
		    "the master\n");
		return EXIT_FAILURE;
	}
	pid = pidfile_read(pid_file);
	if (pid <= 0) {
		(void)fprintf(stderr, "tined: not running: %s %s\n",
		    pid == 0 ? "no process holds" : strerror(errno), pid_file);
		return EXIT_FAILURE;
	}
	(void)clock_update(&client.clock);
	client.deadline_ms =
	    client.clock.mono_ms + CLIENT_PATIENCE_MS +
	    (int64_t)(conf->timeouts.start_ms + conf->timeouts.drain_ms);
	if (client_connect(&client, pid_file, pid) == 0)
		status = client_talk(&client, word);
	if (client.fd != -1)
		(void)close(client.fd);
	if (client.page_fd != -1)
		(void)close(client.page_fd);
	return status;
}
