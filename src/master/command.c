/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/command.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "os/fdpass.h"

/* How long a client may take to say its word. */
#define COMMAND_PATIENCE_MS 5000

/* Until the next try when there is no descriptor for a client. */
#define COMMAND_PAUSE_MS 1000

static const char *const command_words[] = {
	[COMMAND_NONE] = "",
	[COMMAND_RELOAD] = "reload",
	[COMMAND_REOPEN] = "reopen",
	[COMMAND_UPGRADE] = "upgrade",
	[COMMAND_STATUS] = "status",
	[COMMAND_STOP] = "stop",
	[COMMAND_QUIT] = "quit",
	[COMMAND_VALUES] = "values",
};

enum command_word
command_parse(const char *text)
{
	for (enum command_word word = COMMAND_RELOAD; word <= COMMAND_VALUES;
	     word++)
		if (strcmp(command_words[word], text) == 0)
			return word;
	return COMMAND_NONE;
}

int
command_address(struct sock_addr *addr, const char *pid_file)
{
	char text[PATH_MAX];
	int len;

	len = snprintf(text, sizeof(text), "unix:%s.sock", pid_file);
	if (len < 0 || (size_t)len >= sizeof(text))
		return -1;
	return sock_addr_parse(addr, span_of(text)) == NULL ? 0 : -1;
}

void
command_init(struct command *command)
{
	*command = (struct command){ .fd = -1 };
	for (unsigned i = 0; i < COMMAND_CLIENTS; i++)
		command->clients[i].fd = -1;
}

int
command_open(
    struct command *command, const char *pid_file, struct outcome *outcome)
{
	const struct sock_listen_opts opts = { .mode = 0600 };
	char text[SOCK_ADDR_TEXT];

	if (command_address(&command->addr, pid_file) == -1) {
		outcome_error(outcome,
		    "server.pid_file: %s.sock is no path for a unix socket: "
		    "it begins with a slash and has at most 107 bytes",
		    pid_file);
		return -1;
	}
	if (sock_listen(&command->addr, &opts, &command->fd, 1) == 0)
		return 0;
	command->fd = -1;
	sock_addr_format(&command->addr, text);
	outcome_error(outcome, "cannot listen on %s for tined -s: %s", text,
	    errno == EADDRINUSE
		? "a server is alive there whose pidfile is gone, find it with "
		  "ss -xlp and end it; or another file is there, remove it"
		: strerror(errno));
	return -1;
}

bool
command_adopt(struct command *command, const char *pid_file, int fd)
{
	struct sock_addr addr, wanted;
	bool v6only;

	if (sock_adopt(fd, &addr, &v6only) == -1 ||
	    command_address(&wanted, pid_file) == -1 ||
	    !sock_addr_equal(&addr, &wanted))
		return false;
	command->addr = addr;
	command->fd = fd;
	command->lent = true;
	return true;
}

static void
command_hang_up(struct command_client *client)
{
	(void)close(client->fd);
	*client = (struct command_client){ .fd = -1 };
}

void
command_close(struct command *command, bool with_file)
{
	if (command->fd != -1) {
		(void)close(command->fd);
		if (with_file && !command->lent)
			(void)unlink(command->addr.sa.un.sun_path);
	}
	command->fd = -1;
	/* The last, because whoever waits for our end waits for this. */
	for (unsigned i = 0; i < COMMAND_CLIENTS; i++)
		if (command->clients[i].fd != -1)
			command_hang_up(&command->clients[i]);
}

/* Until the master before us has let go of the door, clients are its own. */
static bool
command_may_accept(const struct command *command)
{
	return command->fd != -1 && !command->lent;
}

static struct command_client *
command_free_place(struct command *command)
{
	for (unsigned i = 0; i < COMMAND_CLIENTS; i++)
		if (command->clients[i].fd == -1)
			return &command->clients[i];
	return NULL;
}

unsigned
command_poll(const struct command *command, struct pollfd *fds)
{
	bool has_place = false;
	unsigned n = 0;

	for (unsigned i = 0; i < COMMAND_CLIENTS; i++) {
		const struct command_client *client = &command->clients[i];

		has_place = has_place || client->fd == -1;
		if (client->fd != -1 && client->word == COMMAND_NONE)
			fds[n++] = (struct pollfd){ client->fd, POLLIN, 0 };
	}
	if (command_may_accept(command) && has_place && command->pause_ms == 0)
		fds[n++] = (struct pollfd){ command->fd, POLLIN, 0 };
	return n;
}

int64_t
command_deadline(const struct command *command)
{
	int64_t least = command->pause_ms == 0 ? INT64_MAX : command->pause_ms;

	for (unsigned i = 0; i < COMMAND_CLIENTS; i++) {
		const struct command_client *client = &command->clients[i];

		if (client->fd != -1 && client->word == COMMAND_NONE &&
		    client->deadline_ms < least)
			least = client->deadline_ms;
	}
	return least;
}

static void
command_accept(struct command *command, int64_t now_ms)
{
	struct command_client *client;
	struct address peer;
	int fd;

	if (now_ms < command->pause_ms)
		return;
	command->pause_ms = 0;
	while (command_may_accept(command) &&
	       (client = command_free_place(command)) != NULL) {
		fd = sock_accept(command->fd, &peer);
		/* Whoever waits would wake us again at once. */
		if (fd == -1 && errno != EAGAIN && errno != EINTR &&
		    errno != ECONNABORTED)
			command->pause_ms = now_ms + COMMAND_PAUSE_MS;
		if (fd == -1)
			return;
		*client = (struct command_client){ .fd = fd,
			.deadline_ms = now_ms + COMMAND_PATIENCE_MS };
	}
}

static void
command_read_client(struct command_client *client, int64_t now_ms)
{
	size_t room = sizeof(client->line) - 1 - client->len;
	ssize_t got;
	char *end;

	got = recv(client->fd, client->line + client->len, room, MSG_DONTWAIT);
	if (got == -1 && (errno == EAGAIN || errno == EINTR)) {
		if (now_ms >= client->deadline_ms)
			command_hang_up(client);
		return;
	}
	if (got <= 0) {
		command_hang_up(client);
		return;
	}
	client->len += (size_t)got;
	end = memchr(client->line, '\n', client->len);
	if (end == NULL && client->len < sizeof(client->line) - 1)
		return;
	if (end != NULL)
		*end = '\0';
	client->word = command_parse(client->line);
	if (client->word == COMMAND_NONE)
		command_answer(client, "failed: no such command\n", true);
}

void
command_read(struct command *command, int64_t now_ms)
{
	command_accept(command, now_ms);
	for (unsigned i = 0; i < COMMAND_CLIENTS; i++) {
		struct command_client *client = &command->clients[i];

		if (client->fd != -1 && client->word == COMMAND_NONE)
			command_read_client(client, now_ms);
	}
}

void
command_answer(struct command_client *client, const char *text, bool hang_up)
{
	size_t len = strlen(text);
	ssize_t n;

	while (len > 0) {
		n = send(client->fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			break; /* who does not read has the error log */
		text += n;
		len -= (size_t)n;
	}
	if (hang_up)
		command_hang_up(client);
}

void
command_answer_file(struct command_client *client, const char *text, int fd)
{
	/* As above; without the text there is no file either. */
	(void)fdpass_send_text(client->fd, span_of(text), &fd, 1);
	command_hang_up(client);
}

void
command_take(struct command *command, enum command_word word)
{
	for (unsigned i = 0; i < COMMAND_CLIENTS; i++)
		if (command->clients[i].fd != -1 &&
		    command->clients[i].word == word)
			command->clients[i].taken = true;
}

void
command_leave(struct command *command)
{
	if (command->fd != -1)
		(void)close(command->fd);
	command->fd = -1;
	for (unsigned i = 0; i < COMMAND_CLIENTS; i++)
		if (command->clients[i].fd != -1 && !command->clients[i].taken)
			command_answer(&command->clients[i],
			    "failed: the server was upgraded meanwhile; ask "
			    "again\n",
			    true);
}

void
command_answer_all(struct command *command, enum command_word word,
    const char *lines, const char *last)
{
	for (unsigned i = 0; i < COMMAND_CLIENTS; i++) {
		struct command_client *client = &command->clients[i];

		if (client->fd == -1 || !client->taken || client->word != word)
			continue;
		command_answer(client, lines, false);
		command_answer(client, last, true);
	}
}
