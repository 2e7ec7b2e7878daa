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
#include "os/pidfile.h"

/* What a master needs beyond the time its configuration gives it. */
#define CLIENT_PATIENCE_MS 10000

/* The exit status for a word that is no command. */
#define CLIENT_USAGE 2

struct client {
	int fd;
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
	char bytes[1024];
	ssize_t got;
	int rc;

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
		got = rc == 1 ? recv(client->fd, bytes, sizeof(bytes), 0) : 1;
		if (got == 0 || (got == -1 && errno != EINTR))
			return (int)got;
		if (rc == 1 && got > 0)
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
	(void)printf("%s\n", client->line + strlen("ok: "));
	return EXIT_SUCCESS;
}

int
client_run(const struct conf *conf, const char *word)
{
	const char *pid_file = conf->server.pid_file;
	struct client client = { .fd = -1 };
	int status = EXIT_FAILURE;
	pid_t pid;

	if (command_parse(word) == COMMAND_NONE) {
		(void)fprintf(stderr,
		    "tined: -s takes reload, reopen, upgrade, stop or "
		    "quit, not %s\n",
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
	    (int64_t)(conf->timeouts.start_ms + conf->timeouts.stop_delay_ms +
		      conf->timeouts.drain_ms);
	if (client_connect(&client, pid_file, pid) == 0)
		status = client_talk(&client, word);
	if (client.fd != -1)
		(void)close(client.fd);
	return status;
}
