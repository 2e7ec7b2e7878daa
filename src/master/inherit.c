/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/inherit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/log.h"
#include "core/number.h"

#define INHERIT_VARIABLE "TINED_UPGRADE"
#define INHERIT_FORMAT   "tined-upgrade 1"

/* The first descriptor that a service manager passes. */
#define INHERIT_FIRST_FD 3

static const char *const inherit_origins[] = {
	[LISTENER_OURS] = "own",
	[LISTENER_LENT] = "own",
	[LISTENER_FOREIGN] = "foreign",
};

/* Reads a number up to max off *text and one byte behind it. */
static int
inherit_number(char **text, uint64_t max, uint64_t *number)
{
	size_t len = strspn(*text, "0123456789");

	if (number_parse_u64((struct span){ *text, len }, number) == -1 ||
	    *number > max)
		return -1;
	*text += len;
	if (**text != '\0')
		(*text)++;
	return 0;
}

/* Reads a descriptor that is open, and closes it on exec from now on. */
static int
inherit_fd(char **text, int *fd)
{
	uint64_t number;

	if (inherit_number(text, INT32_MAX, &number) == -1 ||
	    fcntl((int)number, F_SETFD, FD_CLOEXEC) == -1)
		return -1;
	*fd = (int)number;
	return 0;
}

static int
inherit_take_course(char *text, struct listener_course *course)
{
	uint64_t slot;

	for (course->nmembers = 0; *text != '\0'; course->nmembers++) {
		if (course->nmembers == SOCK_STEER_MAX ||
		    inherit_number(&text, SOCK_STEER_MAX - 1, &slot) == -1)
			return -1;
		course->members[course->nmembers] = (unsigned)slot;
	}
	return 0;
}

/* "own many FD,FD,FD ADDRESS"; the address is as it was configured. */
static int
inherit_take_group(char *text, struct listeners *listeners)
{
	const char *origin = strsep(&text, " "), *kind = strsep(&text, " ");
	char *list = strsep(&text, " ");
	struct listener_group group = { .origin = LISTENER_LENT };
	int fds[SOCK_STEER_MAX];
	unsigned n = 0;

	if (text == NULL)
		return -1;
	group.shared = strcmp(kind, "one") == 0;
	if (strcmp(origin, inherit_origins[LISTENER_FOREIGN]) == 0)
		group.origin = LISTENER_FOREIGN;
	while (*list != '\0' && n < SOCK_STEER_MAX)
		if (inherit_fd(&list, &fds[n++]) == -1)
			return -1;
	if (listener_group_adopt(&group, fds, n) == -1 ||
	    sock_addr_parse(&group.asked, span_of(text)) != NULL)
		return -1;
	return listeners_take(listeners, &group);
}

static int
inherit_take_line(
    struct inherit *inherit, struct listeners *listeners, char *line)
{
	const char *word = strsep(&line, " ");
	uint64_t number;

	if (line == NULL)
		return -1;
	if (strcmp(word, "channel") == 0)
		return inherit_fd(&line, &inherit->channel_fd);
	if (strcmp(word, "stderr") == 0)
		return inherit_fd(&line, &inherit->report_fd);
	if (strcmp(word, "board") == 0)
		return inherit_fd(&line, &inherit->board_fd);
	if (strcmp(word, "ledger") == 0)
		return inherit_fd(&line, &inherit->ledger_fd);
	if (strcmp(word, "command") == 0)
		return inherit_fd(&line, &inherit->command_fd);
	if (strcmp(word, "course") == 0)
		return inherit_take_course(line, &listeners->course);
	if (strcmp(word, "listen") == 0)
		return inherit_take_group(line, listeners);
	if (strcmp(word, "master") != 0 ||
	    inherit_number(&line, INT32_MAX, &number) == -1)
		return -1;
	inherit->master = (pid_t)number;
	return 0;
}

/* Lines of what another version may have written. */
static int
inherit_take_lines(
    struct inherit *inherit, struct listeners *listeners, FILE *file)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	int rc = 0;

	len = getline(&line, &cap, file);
	if (len == -1 || strcmp(line, INHERIT_FORMAT "\n") != 0)
		rc = -1;
	while (rc == 0 && (len = getline(&line, &cap, file)) > 0) {
		line[len - 1] = '\0';
		rc = inherit_take_line(inherit, listeners, line);
	}
	free(line);
	return rc;
}

/* What we had as stderr is the old master's: from now on it is ours. */
static int
inherit_take_stderr(struct inherit *inherit)
{
	int real_fd = inherit->report_fd;

	inherit->report_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	if (inherit->report_fd == -1 || dup2(real_fd, STDERR_FILENO) == -1)
		return -1;
	(void)close(real_fd);
	log_set_copy(inherit->report_fd);
	return 0;
}

static int
inherit_take_upgrade(struct inherit *inherit, struct listeners *listeners,
    const char *value, struct outcome *outcome)
{
	uint64_t number;
	FILE *file = NULL;
	int rc = -1;

	if (number_parse_u64(span_of(value), &number) == 0 &&
	    number <= INT32_MAX)
		file = fdopen((int)number, "r");
	if (file != NULL) {
		rewind(file);
		rc = inherit_take_lines(inherit, listeners, file);
		(void)fclose(file); /* only read from */
	}
	if (rc == 0 && inherit->master > 0 && inherit->report_fd != -1 &&
	    inherit_take_stderr(inherit) == 0 && inherit->channel_fd != -1)
		return 0;
	outcome_error(outcome,
	    INHERIT_VARIABLE " is set, but not by the master of another "
			     "version; start tined without it");
	return -1;
}

/* One socket of LISTEN_FDS. */
static int
inherit_take_socket(
    struct listeners *listeners, int fd, struct outcome *outcome)
{
	struct listener_group group = { .origin = LISTENER_FOREIGN };

	if (listener_group_adopt(&group, &fd, 1) == 0 &&
	    listeners_take(listeners, &group) == 0)
		return 0;
	outcome_error(outcome,
	    "descriptor %d, passed by LISTEN_FDS, is no stream socket that "
	    "listens: %s; see ListenStream in systemd.socket(5)",
	    fd, strerror(errno));
	return -1;
}

static int
inherit_take_sockets(struct listeners *listeners, struct outcome *outcome)
{
	const char *pid_text = getenv("LISTEN_PID");
	const char *n_text = getenv("LISTEN_FDS");
	uint64_t pid, n;
	int rc = 0;

	if (pid_text == NULL || n_text == NULL ||
	    number_parse_u64(span_of(pid_text), &pid) == -1 ||
	    number_parse_u64(span_of(n_text), &n) == -1 ||
	    pid != (uint64_t)getpid())
		return 0; /* meant for somebody else */
	for (uint64_t i = 0; i < n && i < INT16_MAX; i++)
		if (inherit_take_socket(
			listeners, INHERIT_FIRST_FD + (int)i, outcome) == -1)
			rc = -1;
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
	return rc;
}

int
inherit_take(struct inherit *inherit, struct listeners *listeners,
    struct outcome *outcome)
{
	const char *value = getenv(INHERIT_VARIABLE);
	int rc;

	*inherit = (struct inherit){ 0, -1, -1, -1, -1, -1 };
	if (value == NULL)
		return inherit_take_sockets(listeners, outcome);
	rc = inherit_take_upgrade(inherit, listeners, value, outcome);
	(void)unsetenv(INHERIT_VARIABLE);
	return rc;
}

/* Lets a descriptor live on through exec, and names it. */
static void
inherit_give_fd(FILE *file, const char *word, int fd)
{
	if (fd == -1)
		return;
	(void)fcntl(fd, F_SETFD, 0);
	(void)fprintf(file, "%s %d\n", word, fd);
}

static void
inherit_give_group(FILE *file, const struct listener_group *group)
{
	char text[SOCK_ADDR_TEXT];

	(void)fprintf(file, "listen %s %s ", inherit_origins[group->origin],
	    group->shared ? "one" : "many");
	for (unsigned i = 0; i < group->nfds; i++) {
		(void)fcntl(group->fds[i], F_SETFD, 0);
		(void)fprintf(file, "%s%d", i == 0 ? "" : ",", group->fds[i]);
	}
	sock_addr_format(&group->asked, text);
	(void)fprintf(file, " %s\n", text);
}

int
inherit_give(const struct inherit *inherit, const struct listeners *listeners,
    int stderr_fd)
{
	int fd = memfd_create("tined-upgrade", 0);
	FILE *file = fd == -1 ? NULL : fdopen(dup(fd), "w");
	char number[16];

	if (file == NULL)
		return -1;
	(void)fprintf(
	    file, INHERIT_FORMAT "\nmaster %ld\n", (long)inherit->master);
	inherit_give_fd(file, "channel", inherit->channel_fd);
	inherit_give_fd(file, "stderr", stderr_fd);
	inherit_give_fd(file, "board", inherit->board_fd);
	inherit_give_fd(file, "ledger", inherit->ledger_fd);
	inherit_give_fd(file, "command", inherit->command_fd);
	(void)fputs("course ", file);
	for (unsigned i = 0; i < listeners->course.nmembers; i++)
		(void)fprintf(file, "%u ", listeners->course.members[i]);
	(void)fputc('\n', file);
	for (unsigned i = 0; i < listeners->ngroups; i++)
		inherit_give_group(file, &listeners->groups[i]);
	if (fclose(file) != 0)
		return -1;
	(void)snprintf(number, sizeof(number), "%d", fd);
	return setenv(INHERIT_VARIABLE, number, 1);
}
