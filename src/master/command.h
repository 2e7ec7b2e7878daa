/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The door for `tined -s`: a unix socket beside the pidfile.
 *
 * A client sends one word and a newline; it is answered with lines, the last
 * of which begins with "ok: " or "failed: ".  Nobody can make the master wait:
 * everything here is non-blocking, and a client that says nothing is dropped.
 */
#ifndef MASTER_COMMAND_H
#define MASTER_COMMAND_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "master/outcome.h"
#include "os/socket.h"

/* Clients at a time; more wait in the queue of the socket. */
#define COMMAND_CLIENTS 8

enum command_word {
	COMMAND_NONE,
	COMMAND_RELOAD,
	COMMAND_REOPEN,
	COMMAND_UPGRADE,
	COMMAND_STATUS,
	COMMAND_STOP,
	COMMAND_QUIT,
	COMMAND_VALUES, /* of `tined diff` alone; see values.h */
};

struct command_client {
	int fd;                 /* -1: this place is free */
	enum command_word word; /* NONE: still being read */
	bool taken;             /* the master works on it */
	int64_t deadline_ms;    /* for the word */
	size_t len;
	char line[32];
};

struct command {
	int fd;    /* -1: no door, because there is no pidfile */
	bool lent; /* by the master before us: the file is not ours yet */
	int64_t pause_ms; /* nobody is accepted before; 0: somebody may be */
	struct sock_addr addr;
	struct command_client clients[COMMAND_CLIENTS];
};

/* No door at first: open it, or leave it. */
void command_init(struct command *command);

/*
 * Opens the door of pid_file.  Returns 0, or -1 with a line in *outcome.
 */
int command_open(
    struct command *command, const char *pid_file, struct outcome *outcome);

/*
 * The address of the door: the name of the pidfile and ".sock".  Returns 0, or
 * -1 when that is too long for a unix socket.
 */
int command_address(struct sock_addr *addr, const char *pid_file);

/*
 * Takes the open door of another master, if it is that of pid_file; nobody is
 * let in as long as it is lent.  False when it is another one, and fd is still
 * the caller's.
 */
bool command_adopt(struct command *command, const char *pid_file, int fd);

/*
 * Another master has the door from now on: closes it, but for those who wait
 * for the end of an upgrade.
 */
void command_leave(struct command *command);

/* Hangs up on every client; with_file: removes the socket as well. */
void command_close(struct command *command, bool with_file);

/* Fills in what to poll for; returns how many, COMMAND_CLIENTS + 1 at most. */
unsigned command_poll(const struct command *command, struct pollfd *fds);

/* When command_read() has something to do without a word; INT64_MAX: never. */
int64_t command_deadline(const struct command *command);

/* Accepts and reads whatever is there. */
void command_read(struct command *command, int64_t now_ms);

/* Sends text to a client; hang_up: and closes it. */
void command_answer(
    struct command_client *client, const char *text, bool hang_up);

/* Sends text and with it a file, which the caller keeps, and closes. */
void command_answer_file(
    struct command_client *client, const char *text, int fd);

/* Those who said this word wait for its end, and nobody asks it of us twice. */
void command_take(struct command *command, enum command_word word);

/* Answers all who wait for this word: lines, and the last one. */
void command_answer_all(struct command *command, enum command_word word,
    const char *lines, const char *last);

/* The word that text is; COMMAND_NONE when it is none. */
enum command_word command_parse(const char *text);

#endif
