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
#include "master/relay.h"
#include "master/slots.h"
#include "os/notify.h"
#include "status/board.h"
#include "status/ledger.h"

enum master_stop {
	MASTER_STAYS,
	MASTER_WAITS,      /* still serves, but says that it is not ready */
	MASTER_STOPS,      /* workers finish what is open */
	MASTER_STOPS_FAST, /* they do not */
};

/* Another master that we are to replace, or that is to replace us. */
struct upgrade {
	pid_t pid;      /* of the program that we started; 0: none */
	pid_t old;      /* of the master that started us; 0: none, any more */
	int channel_fd; /* to the other; all of these are -1: none */
	int report_fd;  /* where our log has a copy until we have started */
	int command_fd; /* the door of the master that started us */
	int64_t deadline_ms; /* for that program to be ready */
	bool ready;          /* it said that it serves */
	bool left;           /* we know that it serves, and finish */
	bool reopened;       /* since it was started we opened the logs again */
	struct relay output; /* its stderr */
};

/* The service manager that is told how we are. */
struct herald {
	struct notify notify;
	int64_t pinged_ms;      /* the last sign of life */
	int64_t again_ms;       /* when to send text again; 0: it was sent */
	char text[NOTIFY_TEXT]; /* the last message but for signs of life */
};

struct master {
	struct master_opts opts;
	char *conf_path; /* ours; NULL in quick mode */
	struct clock clock;
	struct generation *current; /* serves; NULL until the start is over */
	struct generation *next; /* is being started; NULL most of the time */
	int64_t hand_over_ms; /* next waits until then; 0: not yet its turn */
	unsigned generations; /* numbers given out */
	struct listeners listeners;
	struct board *board;  /* shared with the workers */
	int board_fd;         /* its descriptor; -1: none */
	struct ledger ledger; /* likewise */
	int ledger_fd;
	struct slots slots;
	struct command command;
	int64_t roots_look_ms;   /* when to look at the roots again */
	int64_t refresh_look_ms; /* and at the files of the configuration */
	struct upgrade upgrade;
	struct herald herald;
	struct outcome outcome; /* of the start, reload or upgrade under way */
	char *pid_file;         /* "" : none */
	int pid_fd;             /* -1: none */
	int daemon_fd;          /* -1: in the foreground, or started */
	int64_t sample_ms;      /* when sample_time() is due */
	int64_t upkeep_ms;      /* and upkeep_time() */
	bool reload_wanted;
	bool upgrade_wanted;
	bool reopen_wanted;
	enum master_stop stop;
	int64_t stop_ms; /* WAITS: when it is to stop */
	int status;      /* of the program */
};

#endif
