/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The master: holds the listening sockets for life, forks a worker per slot,
 * supervises them, reloads.  It never reads a byte from the network and uses
 * no libevent: one ppoll(2), so there is nothing to undo after a fork.
 */
#ifndef MASTER_MASTER_H
#define MASTER_MASTER_H

#include <stdbool.h>

#include "conf/conf.h"

struct master_opts {
	char **argv; /* of the program, to start it again: an upgrade */
	const char *conf_path; /* NULL: quick mode, no reload from a file */
	const struct conf_overrides *overrides; /* borrowed; also of reloads */
	struct sources *sources; /* of conf; borrowed, made anew by a reload */
	bool background;         /* whatever server.daemon says */
	bool foreground;         /* the same, and stronger */
	bool quick;              /* print a URL */
	bool try_ports;          /* when the port is taken try the next ones */
};

/*
 * Runs the server until it is told to stop.  Takes *confp (a reload replaces
 * it).  Returns the exit status of the program.
 */
int master_run(struct conf **confp, const struct master_opts *opts);

#endif
