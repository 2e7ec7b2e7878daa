/* SPDX-License-Identifier: BSD-2-Clause */
/* All that a master knows; for the files of master/ alone. */
#ifndef MASTER_STATE_H
#define MASTER_STATE_H

#include <signal.h>
#include <stdbool.h>

#include "core/clock.h"
#include "master/command.h"
#include "master/generation.h"
#include "master/listeners.h"
#include "master/master.h"
#include "master/outcome.h"
#include "master/slots.h"
#include "status/board.h"

enum master_stop {
	MASTER_STAYS,
	MASTER_STOPS,      /* workers finish what is open */
	MASTER_STOPS_FAST, /* they do not */
};

struct master {
	struct master_opts opts;
	char *conf_path; /* ours; NULL in quick mode */
	struct clock clock;
	struct generation *current; /* serves; NULL until the start is over */
	struct generation *next; /* is being started; NULL most of the time */
	unsigned generations;    /* numbers given out */
	struct listeners listeners;
	struct board *board; /* shared with the workers */
	int board_fd;        /* its descriptor; -1: none */
	struct slots slots;
	struct command command;
	struct outcome outcome; /* of the start or reload under way */
	char *pid_file;         /* "" : none */
	int pid_fd;             /* -1: none */
	int daemon_fd;          /* -1: in the foreground, or started */
	bool reload_wanted;
	bool reopen_wanted;
	enum master_stop stop;
	int status; /* of the program */
};

#endif
