/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/master.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/log.h"
#include "master/change.h"
#include "master/herald.h"
#include "master/refresh.h"
#include "master/reopen.h"
#include "master/roots.h"
#include "master/sample.h"
#include "master/show.h"
#include "master/start.h"
#include "master/state.h"
#include "master/stop.h"
#include "master/supervise.h"
#include "master/upgrade.h"
#include "master/upkeep.h"
#include "master/values.h"
#include "master/verifiers.h"
#include "os/pidfile.h"
#include "os/process.h"

/* What the master listens to; blocked but for the time it waits. */
static const int master_signals[] = { SIGHUP, SIGUSR1, SIGUSR2, SIGTERM,
	SIGQUIT, SIGINT, SIGCHLD };

#define MASTER_NSIGNALS (sizeof(master_signals) / sizeof(master_signals[0]))

/* The flags of the handlers, by number of the signal. */
static volatile sig_atomic_t master_caught[NSIG];

static void
on_signal(int sig)
{
	master_caught[sig] = 1;
}

/* Blocks the signals and sets their handlers; *before is for the waiting. */
static void
master_set_signals(sigset_t *before)
{
	const struct sigaction catch = { .sa_handler = on_signal };
	sigset_t set;

	(void)sigemptyset(&set);
	for (unsigned i = 0; i < MASTER_NSIGNALS; i++)
		(void)sigaddset(&set, master_signals[i]);
	(void)sigprocmask(SIG_BLOCK, &set, before);
	for (unsigned i = 0; i < MASTER_NSIGNALS; i++) {
		(void)sigdelset(before, master_signals[i]);
		(void)sigaction(master_signals[i], &catch, NULL);
	}
	(void)signal(SIGPIPE, SIG_IGN);
}

static bool
master_take_signal(int sig)
{
	bool caught = master_caught[sig] != 0;

	master_caught[sig] = 0;
	return caught;
}

static void
master_take_signals(struct master *master)
{
	if (master_take_signal(SIGUSR1))
		master->reopen_wanted = true;
	if (master_take_signal(SIGUSR2))
		master->upgrade_wanted = true;
	if (master_take_signal(SIGHUP)) {
		/* Without a file it is the terminal that went away. */
		if (master->conf_path == NULL)
			stop_begin(master, MASTER_STOPS);
		else
			master->reload_wanted = true;
	}
	for (int i = 0; i < 2; i++)
		if (master_take_signal(i == 0 ? SIGTERM : SIGQUIT) &&
		    !upgrade_pass_on_stop(master))
			stop_further(master);
	if (master_take_signal(SIGINT))
		stop_begin(master, MASTER_STOPS_FAST);
	/* The last: a terminal tells the workers too when it tells us to stop.
	 */
	if (master_take_signal(SIGCHLD))
		supervise_reap(master);
}

static void
master_obey(struct master *master, struct command_client *client)
{
	bool fast = client->word == COMMAND_QUIT;

	if (master->stop != MASTER_STAYS &&
	    (client->word == COMMAND_RELOAD ||
		client->word == COMMAND_UPGRADE)) {
		command_answer(client, "failed: it is stopping\n", true);
		return;
	}
	switch (client->word) {
	case COMMAND_NONE: return;
	case COMMAND_RELOAD: master->reload_wanted = true; return;
	case COMMAND_UPGRADE: master->upgrade_wanted = true; return;
	case COMMAND_REOPEN:
		if (master->next == NULL) /* else later */
			reopen_obey(master, client);
		return;
	case COMMAND_VALUES: values_send(master, client); return;
	case COMMAND_STATUS: show_answer(master, client); return;
	case COMMAND_STOP:
	case COMMAND_QUIT:
		/* It hears the rest when we hang up, at the very end. */
		client->taken = true;
		command_answer(client, "ok: stopped\n", false);
		stop_begin(master, fast ? MASTER_STOPS_FAST : MASTER_WAITS);
		return;
	}
}

static void
master_take_commands(struct master *master)
{
	command_read(&master->command, master->clock.mono_ms);
	for (unsigned i = 0; i < COMMAND_CLIENTS; i++) {
		struct command_client *client = &master->command.clients[i];

		if (client->fd != -1 && !client->taken)
			master_obey(master, client);
	}
}

/* Reopens logs, reloads, upgrades when somebody wants it and nothing is under
 * way.
 */
static void
master_do_wanted(struct master *master)
{
	if (master->next != NULL)
		return;
	if (master->reopen_wanted)
		reopen_obey(master, NULL);
	master->reopen_wanted = false;
	upgrade_pass_on(master);
	if (master->stop != MASTER_STAYS || master->upgrade.pid != 0 ||
	    master->upgrade.old != 0)
		return;
	if (master->reload_wanted) {
		master->reload_wanted = false;
		command_take(&master->command, COMMAND_RELOAD);
		change_reload(master);
	} else if (master->upgrade_wanted) {
		master->upgrade_wanted = false;
		command_take(&master->command, COMMAND_UPGRADE);
		upgrade_begin(master);
	}
}

/* The start is over and everything worked. */
static void
master_announce(struct master *master)
{
	upgrade_announce(master);
	if (master->opts.quick)
		start_print_url(&master->listeners, master->current);
	if (master->daemon_fd != -1)
		process_daemonized(master->daemon_fd, EXIT_SUCCESS);
	master->daemon_fd = -1;
}

/* When the first of all who wait for a time has something to do. */
static int64_t
master_deadline(const struct master *master)
{
	const int64_t deadlines_ms[] = {
		supervise_deadline(master),
		command_deadline(&master->command),
		upgrade_deadline(master),
		roots_deadline(master),
		change_deadline(master),
		refresh_deadline(master),
		stop_deadline(master),
		herald_deadline(master),
		sample_deadline(master),
		upkeep_deadline(master),
	};
	int64_t least_ms = INT64_MAX;

	for (unsigned i = 0; i < sizeof(deadlines_ms) / sizeof(int64_t); i++)
		if (deadlines_ms[i] < least_ms)
			least_ms = deadlines_ms[i];
	return least_ms;
}

/* ppoll(2) lets none in while a descriptor is ready, as one may always be. */
static void
master_let_signals_in(const sigset_t *mask)
{
	sigset_t blocked;

	(void)sigprocmask(SIG_SETMASK, mask, &blocked);
	(void)sigprocmask(SIG_SETMASK, &blocked, NULL);
}

/* Waits for a signal, a message, a command or the next deadline. */
static void
master_wait(struct master *master, const sigset_t *mask)
{
	struct pollfd
	    fds[SLOTS_PROCESSES_MAX + COMMAND_CLIENTS + 1 + UPGRADE_POLLS];
	const struct slots *slots = &master->slots;
	int64_t deadline_ms = master_deadline(master);
	int64_t wait_ms = deadline_ms - master->clock.mono_ms;
	struct timespec timeout = { 0 };
	nfds_t nfds = 0;

	if (wait_ms > 0) {
		timeout.tv_sec = (time_t)(wait_ms / 1000);
		timeout.tv_nsec = (long)(wait_ms % 1000) * 1000000;
	}
	for (unsigned i = 0; i < slots->nplaces; i++)
		if (slots->processes[i].pid != 0 &&
		    slots->processes[i].control_fd != -1)
			fds[nfds++] =
			    (struct pollfd){ slots->processes[i].control_fd,
				    POLLIN, 0 };
	nfds += command_poll(&master->command, fds + nfds);
	nfds += upgrade_poll(master, fds + nfds);
	if (ppoll(fds, nfds, deadline_ms == INT64_MAX ? NULL : &timeout,
		mask) == -1 &&
	    errno != EINTR)
		log_error("cannot wait: %s", strerror(errno));
	master_let_signals_in(mask);
	(void)clock_update(&master->clock);
}

static void
master_serve(struct master *master, const sigset_t *mask)
{
	/* Another who is to replace us must have taken what we leave. */
	while (stop_is_serving(master) || master->slots.nlive > 0 ||
	       master->upgrade.pid != 0) {
		master_wait(master, mask);
		supervise_read(master);
		upgrade_read(master);
		master_take_signals(master);
		master_take_commands(master);
		master_do_wanted(master);
		if (change_advance(master))
			master_announce(master);
		supervise_time(master);
		upgrade_time(master);
		roots_time(master);
		refresh_time(master);
		stop_time(master);
		herald_time(master);
		sample_time(master);
		upkeep_time(master);
	}
}

static int
master_open_board(struct master *master)
{
	if (master->board_fd != -1) {
		master->board = board_adopt(master->board_fd);
		if (master->board == NULL) {
			log_notice("the counters begin anew: the program "
				   "before this one lays them out otherwise");
			(void)close(master->board_fd);
		}
	}
	if (master->board == NULL) {
		master->board = board_create(&master->board_fd);
		if (master->board == NULL)
			return -1;
		master->board->started_s = master->clock.wall_s;
		master->board->master = getpid();
	}
	master->generations = master->board->generation;
	return slots_init(&master->slots, master->board);
}

/* The clients of the program before this one, or none yet. */
static int
master_open_ledger(struct master *master, const struct conf *conf)
{
	uint32_t clients = ledger_clients(conf->limits.clients);

	if (master->ledger_fd != -1) {
		if (ledger_adopt(&master->ledger, clients, master->ledger_fd) ==
		    0)
			return 0;
		log_notice("the limits for clients begin anew: the program "
			   "before this one has another limits.clients, or "
			   "lays them out otherwise");
		(void)close(master->ledger_fd);
	}
	return ledger_create(&master->ledger, clients, &master->ledger_fd);
}

static int
master_go_background(struct master *master, const struct conf *conf)
{
	/* Who replaces another is where that one was. */
	if (master->opts.foreground || master->upgrade.old != 0 ||
	    (!master->opts.background && !conf->server.daemon))
		return 0;
	if (getpid() == 1) {
		log_warn("process 1 stays in the foreground, because a "
			 "container ends with it: take server.daemon and -d "
			 "out");
		return 0;
	}
	if (start_check_background(conf) == -1)
		return -1;
	master->daemon_fd = process_daemonize();
	if (master->daemon_fd != -1)
		return 0;
	log_error("cannot go into the background: %s", strerror(errno));
	return -1;
}

/* The pidfile and the door for commands. */
static int
master_open_door(struct master *master)
{
	int fd = master->upgrade.command_fd;

	if (master->upgrade.old != 0) {
		/* The other still has the lock, and lends us its door. */
		if (fd != -1 &&
		    !command_adopt(&master->command, master->pid_file, fd))
			(void)close(fd);
		return 0;
	}
	if (start_take_pidfile(master->pid_file, &master->pid_fd) == -1)
		return -1;
	if (master->pid_fd == -1)
		return 0;
	return command_open(
	    &master->command, master->pid_file, &master->outcome);
}

/* What comes before the first generation. */
static int
master_open(struct master *master, const struct conf *conf)
{
	herald_open(master);
	if (upgrade_take(master) == -1 ||
	    master_go_background(master, conf) == -1)
		return -1;
	/* Paths outlive the configuration; both may be NULL for no memory. */
	master->pid_file = strdup(conf->server.pid_file);
	if (master->opts.conf_path != NULL)
		master->conf_path = strdup(master->opts.conf_path);
	if (master->pid_file == NULL ||
	    (master->opts.conf_path != NULL && master->conf_path == NULL) ||
	    master_open_board(master) == -1 ||
	    master_open_ledger(master, conf) == -1) {
		log_error("cannot start: %s", strerror(errno));
		return -1;
	}
	return master_open_door(master);
}

static void
master_close(struct master *master)
{
	listeners_close(&master->listeners);
	generation_close(&master->current);
	slots_fini(&master->slots);
	board_unmap(&master->board);
	if (master->board_fd != -1)
		(void)close(master->board_fd);
	ledger_unmap(&master->ledger);
	if (master->ledger_fd != -1)
		(void)close(master->ledger_fd);
	if (master->pid_fd != -1)
		pidfile_close(master->pid_fd, master->pid_file);
	/* The last, because whoever waits for our end waits for this. */
	command_close(&master->command, true);
	herald_close(master);
	free(master->pid_file);
	free(master->conf_path);
}

int
master_run(struct conf **confp, const struct master_opts *opts)
{
	struct master *master = calloc(1, sizeof(*master));
	sigset_t mask;
	int status;

	log_set_name("master");
	if (master == NULL) {
		log_error("cannot start: %s", strerror(errno));
		conf_free(confp);
		return EXIT_FAILURE;
	}
	master->opts = *opts;
	master->pid_fd = master->daemon_fd = -1;
	master->board_fd = master->ledger_fd = -1;
	command_init(&master->command);
	(void)clock_update(&master->clock);
	master_set_signals(&mask);
	if (master_open(master, *confp) == -1) {
		master->status = EXIT_FAILURE;
	} else {
		change_begin(master, confp);
		master_serve(master, &mask);
		if (master->status == EXIT_SUCCESS)
			log_notice(master->upgrade.left
				       ? "all is finished, leaving"
				       : "stopped");
	}
	conf_free(confp);
	master_close(master);
	status = master->status;
	free(master);
	return status;
}
