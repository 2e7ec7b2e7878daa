/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/logs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/syslog.h"
#include "os/fdpass.h"
#include "worker/worker.h"

/*
 * O_NONBLOCK: a FIFO that nobody reads is refused instead of waited for, and
 * one that is full never stops a worker.
 */
#define LOGS_FLAGS                                                             \
	(O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

/*
 * A standard stream: what it is, opened anew, since others share our way to it
 * and would be surprised to find that it does not wait.  A file never makes
 * us wait, and its offset must stay shared; a socket cannot be opened, and
 * needs no flag.
 */
static int
logs_open_standard(int standard_fd)
{
	char path[sizeof("/proc/self/fd/") + 11];
	struct stat st;
	int fd = -1;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", standard_fd);
	if (fstat(standard_fd, &st) == 0 && !S_ISREG(st.st_mode))
		fd = open(path, LOGS_FLAGS & ~O_CREAT);
	/* It may be another user's. */
	return fd != -1 ? fd : fcntl(standard_fd, F_DUPFD_CLOEXEC, 0);
}

/* Nobody listens yet: that is no reason not to start. */
static int
logs_open_syslog(
    const struct conf *conf, const char *key, struct outcome *outcome)
{
	const char *path = conf->server.syslog_socket;
	int missing, fd = syslog_open(path, &missing);

	if (fd != -1 && missing != 0)
		outcome_warn(outcome,
		    "%s = syslog: cannot reach syslogd at %s: %s; lines are "
		    "lost until it is there",
		    key, path, strerror(missing));
	return fd;
}

/* Opens path, which may be syslog, or name for a standard stream. */
static int
logs_open_one(const struct conf *conf, const char *path, const char *name,
    int standard_fd, const char *key, struct outcome *outcome)
{
	int fd;

	if (strcmp(path, name) == 0)
		fd = logs_open_standard(standard_fd);
	else if (strcmp(path, "syslog") == 0)
		fd = logs_open_syslog(conf, key, outcome);
	else
		fd = open(path, LOGS_FLAGS, S_IRUSR | S_IWUSR | S_IRGRP);
	if (fd == -1)
		outcome_error(outcome, "cannot open %s, %s: %s", key, path,
		    strerror(errno));
	return fd;
}

static int
logs_open_access(
    struct logs *logs, const struct conf *conf, struct outcome *outcome)
{
	logs->access_fds = calloc(conf->nsite_logs + 1, sizeof(int));
	if (logs->access_fds == NULL) {
		outcome_error(outcome, "%s", strerror(errno));
		return -1;
	}
	for (unsigned i = 0; i <= conf->nsite_logs; i++) {
		const struct conf_access_log *log = conf_log(conf, i);
		int fd = -1;

		if (conf_log_is_on(log)) {
			fd = logs_open_one(conf, log->path, "stdout",
			    STDOUT_FILENO, "access_log.path", outcome);
			if (fd == -1)
				return -1;
		}
		logs->access_fds[logs->naccess++] = fd;
	}
	return 0;
}

int
logs_open(struct logs *logs, const struct conf *conf, struct outcome *outcome)
{
	*logs = (struct logs){ .error_fd = -1 };
	logs->error_fd = logs_open_one(conf, conf->error_log.path, "stderr",
	    STDERR_FILENO, "error_log.path", outcome);
	if (logs->error_fd != -1 && logs_open_access(logs, conf, outcome) == 0)
		return 0;
	logs_close(logs);
	return -1;
}

void
logs_close(struct logs *logs)
{
	if (logs->error_fd != -1)
		(void)close(logs->error_fd);
	for (unsigned i = 0; i < logs->naccess; i++)
		if (logs->access_fds[i] != -1)
			(void)close(logs->access_fds[i]);
	free(logs->access_fds);
	*logs = (struct logs){ .error_fd = -1 };
}

/* Sends the access logs that are on from *next on, as many as go at once. */
static int
logs_send_some(const struct logs *logs, const struct conf *conf, unsigned *next,
    int control_fd)
{
	char text[WORKER_MESSAGE_BYTES] = { WORKER_LOGS };
	size_t len = 1;
	int fds[FDPASS_MAX];
	unsigned nfds = 0;

	while (*next < logs->naccess && nfds < FDPASS_MAX) {
		unsigned i = (*next)++;
		const char *name = conf_log(conf, i)->name;

		if (logs->access_fds[i] == -1)
			continue;
		/* A name is no longer than that of a section. */
		memcpy(text + len, name, strlen(name) + 1);
		len += strlen(name) + 1;
		fds[nfds++] = logs->access_fds[i];
	}
	if (nfds == 0)
		return 0;
	return fdpass_send_text(
	    control_fd, (struct span){ text, len }, fds, nfds);
}

int
logs_send(const struct logs *logs, const struct conf *conf, int control_fd)
{
	unsigned next = 0;

	if (fdpass_send(control_fd, WORKER_REOPEN, &logs->error_fd, 1) == -1)
		return -1;
	while (next < logs->naccess)
		if (logs_send_some(logs, conf, &next, control_fd) == -1)
			return -1;
	return 0;
}
