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

/* Waits until there is something to read.  0, or -1 with errno. */
static int
client_wait(struct client *client)
{
	struct pollfd pollfd = { .fd = client->fd, .events = POLLIN };
	int64_t left_ms;
	int rc;

	do {
		(void)clock_update(&client->clock);
		left_ms = client->deadline_ms - client->clock.mono_ms;
		rc = left_ms <= 0 ? 0 : poll(&pollfd, 1, (int)left_ms);
	} while (rc == -1 && errno == EINTR);
	if (rc == 0)
		errno = ETIMEDOUT;
	return rc == 1 ? 0 : -1;
}

/* Prints lines until the master hangs up.  0, or -1 with errno. */
static int
client_read(struct client *client)
{
	char bytes[1024];
	int fds[FDPASS_MAX];
	unsigned nfds;
	ssize_t got;

	for (;;) {
		if (client_wait(client) == -1)
			return -1;
		got = fdpass_recv_text(
		    client->fd, bytes, sizeof(bytes), fds, &nfds);
		if (got == -1 && errno == EAGAIN)
			continue;
		if (got <= 0)
			return (int)got;
		client_keep(client, fds, nfds);
		client_take(client, bytes, (size_t)got);
	}
}

/* Knocks at the door of pid_file.  0, or -1 with errno. */
static int
client_connect(struct client *client, const char *pid_file)
{
	struct sock_addr addr;

	if (command_address(&addr, pid_file) == -1) {
		errno = ENAMETOOLONG;
		return -1;
	}
	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd == -1)
		return -1;
	return connect(client->fd, &addr.sa.any, addr.len);
}

/* Finds the master by its pidfile.  0, or -1 after it said what is wrong. */
static int
client_find(struct client *client, const struct conf *conf)
{
	const char *pid_file = conf->server.pid_file;
	pid_t pid;

	if (*pid_file == '\0') {
		(void)fprintf(stderr,
		    "tined: without server.pid_file there is no way to find "
		    "the master\n");
		return -1;
	}
	pid = pidfile_read(pid_file);
	if (pid <= 0) {
		(void)fprintf(stderr, "tined: not running: %s %s\n",
		    pid == 0 ? "no process holds" : strerror(errno), pid_file);
		return -1;
	}
	(void)clock_update(&client->clock);
	client->deadline_ms =
	    client->clock.mono_ms + CLIENT_PATIENCE_MS +
	    (int64_t)(conf->timeouts.start_ms + conf->timeouts.stop_delay_ms +
		      conf->timeouts.drain_ms);
	if (client_connect(client, pid_file) == 0)
		return 0;
	(void)fprintf(stderr,
	    "tined: cannot reach process %ld at %s.sock: %s\n", (long)pid,
	    pid_file, strerror(errno));
	return -1;
}

/* Sends the word.  0, or -1 after a message. */
static int
client_say(const struct client *client, const char *word)
{
	char line[32];
	int len = snprintf(line, sizeof(line), "%s\n", word);

	/* Who hangs up before the word is said may have said why. */
	if (send(client->fd, line, (size_t)len, MSG_NOSIGNAL) == len ||
	    errno == EPIPE)
		return 0;
	(void)fprintf(
	    stderr, "tined: %s: no answer: %s\n", word, strerror(errno));
	return -1;
}

/*
 * Reads until the master hangs up; after stop and quit it does so when it is
 * gone and its pidfile is free.  Returns 0 when it did what it was told.
 */
static int
client_hear(struct client *client, const char *word)
{
	if (client_read(client) == -1) {
		(void)fprintf(stderr, "tined: %s: no answer: %s\n", word,
		    strerror(errno));
		return -1;
	}
	if (!client->heard)
		(void)fprintf(stderr,
		    "tined: %s: it ended without an answer; the error log says "
		    "what became of it\n",
		    word);
	return client->ok ? 0 : -1;
}

/* Says the word and hears the answer, to its end.  0 when it was done. */
static int
client_ask(struct client *client, const struct conf *conf, const char *word)
{
	int rc = -1;

	*client = (struct client){ .fd = -1, .page_fd = -1 };
	if (client_find(client, conf) == 0 && client_say(client, word) == 0)
		rc = client_hear(client, word);
	if (client->fd != -1)
		(void)close(client->fd);
	if (rc == -1 && client->page_fd != -1) {
		(void)close(client->page_fd); /* nothing was written to it */
		client->page_fd = -1;
	}
	return rc;
}

/* Prints the file that came with the answer, and closes it. */
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
	(void)close(client->page_fd); /* only read from */
	if (n == 0 && fflush(stdout) == 0)
		return EXIT_SUCCESS;
	(void)fprintf(stderr, "tined: cannot print it: %s\n", strerror(errno));
	return EXIT_FAILURE;
}

static bool
client_knows(const char *word)
{
	enum command_word command = command_parse(word);

	return command != COMMAND_NONE && command != COMMAND_VALUES;
}

bool
client_reads_file(const char *word)
{
	enum command_word command = command_parse(word);

	return command == COMMAND_RELOAD || command == COMMAND_UPGRADE;
}

int
client_run(const struct conf *conf, const char *word)
{
	struct client client;

	if (!client_knows(word)) {
		(void)fprintf(stderr,
		    "tined: -s takes reload, reopen, upgrade, status, "
		    "stop or quit, not %s\n",
		    word);
		return CLIENT_USAGE;
	}
	if (client_ask(&client, conf, word) == -1)
		return EXIT_FAILURE;
	if (client.page_fd != -1)
		return client_print_page(&client);
	(void)printf("%s\n", client.line + strlen("ok: "));
	return EXIT_SUCCESS;
}

int
client_fetch_values(const struct conf *conf)
{
	struct client client;

	/* Without a descriptor it was told why. */
	return client_ask(&client, conf, "values") == -1 ? -1 : client.page_fd;
}
