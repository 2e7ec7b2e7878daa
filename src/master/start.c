/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/start.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "os/pidfile.h"

void
start_use_log(const struct generation *generation, int report_fd)
{
	generation_use_log(generation);
	if (report_fd != -1)
		log_set_copy(report_fd);
	else if (strcmp(generation->conf->error_log.path, "stderr") != 0)
		log_set_copy(STDERR_FILENO);
}

static void
start_refuse_second(const char *pid_file)
{
	long pid = (long)pidfile_read(pid_file);
	char holder[48] = "a process of another container";

	if (pid > 0)
		(void)snprintf(holder, sizeof(holder), "process %ld", pid);
	log_error("already running: %s holds %s; tined -s reload lets it read "
		  "the configuration again, tined -s stop ends it",
	    holder, pid_file);
}

int
start_take_pidfile(const char *path, int *fd)
{
	*fd = -1;
	if (*path == '\0')
		return 0;
	*fd = pidfile_open(path);
	if (*fd != -1)
		return 0;
	if (errno == EWOULDBLOCK)
		start_refuse_second(path);
	else
		log_error("cannot open server.pid_file %s: %s", path,
		    strerror(errno));
	return -1;
}

void
start_write_pidfile(const char *path, int fd)
{
	if (fd != -1 && pidfile_write(fd, getpid()) == -1)
		log_warn("cannot write %s: %s", path, strerror(errno));
}

void
start_print_url(
    const struct listeners *listeners, const struct generation *generation)
{
	char text[SOCK_ADDR_TEXT];

	sock_addr_format(&listeners->groups[0].addr, text);
	(void)printf("Serving %s at http://%s/  (Ctrl-C stops)\n",
	    generation->conf->sites[0].root, text);
	(void)fflush(stdout);
}

int
start_check_background(const struct conf *conf)
{
	if (strcmp(conf->error_log.path, "stderr") == 0) {
		log_error("in the background nobody sees stderr: set "
			  "error_log.path to a path");
		return -1;
	}
	for (unsigned i = 0; i <= conf->nsite_logs; i++) {
		if (strcmp(conf_log(conf, i)->path, "stdout") != 0)
			continue;
		log_error("in the background nobody sees stdout: set "
			  "access_log.path to a path, or to off");
		return -1;
	}
	return 0;
}
