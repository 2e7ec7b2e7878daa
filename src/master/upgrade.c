/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/upgrade.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/log.h"
#include "master/change.h"
#include "master/herald.h"
#include "master/inherit.h"
#include "master/start.h"
#include "master/supervise.h"
#include "os/fdpass.h"
#include "os/process.h"

#define UPGRADE_EXEC_STATUS 127

enum upgrade_message {
	UPGRADE_READY = 'R',
	UPGRADE_GO = 'G',
	UPGRADE_DONE = 'D',
};

/*
 * The old master
 */

static void
upgrade_close(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

/* Nobody is starting any more; text is for who asked for it. */
static void
upgrade_end(struct master *master, const char *text)
{
	struct upgrade *upgrade = &master->upgrade;

	command_answer_all(
	    &master->command, COMMAND_UPGRADE, master->outcome.text, text);
	upgrade->pid = 0;
	upgrade->ready = false;
	upgrade_close(&upgrade->channel_fd);
	relay_close(&upgrade->output, &master->outcome);
}

/* The new program did not come up: all is as it was. */
static void
upgrade_fail(struct master *master)
{
	/* What the new program said first is more than how it ended. */
	struct span first = outcome_first(&master->outcome);
	char text[BOARD_TEXT];

	(void)snprintf(text, sizeof(text), "%.*s", (int)first.len, first.ptr);
	board_set_last(master->board, false, master->clock.wall_s, text);
	master->board->upgrades_failed++;
	log_error("upgrade failed, still serving with the old program");
	herald_failed(master, "upgrade", first);
	upgrade_end(master,
	    "failed: upgrade failed, still serving with the old "
	    "program\n");
}

/* In the child: the new program, or a line that says why not. */
_Noreturn static void
upgrade_exec(struct master *master, int channel_fd, int output_fd)
{
	const struct inherit inherit = {
		.master = getppid(),
		.channel_fd = channel_fd,
		.report_fd = -1,
		.board_fd = master->board_fd,
		.ledger_fd = master->ledger_fd,
		.command_fd = master->command.fd,
	};
	char **argv = master->opts.argv;
	int stderr_fd = fcntl(STDERR_FILENO, F_DUPFD, 0);
	sigset_t none;

	/* Our handlers would swallow what is to end it before the exec. */
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGQUIT, SIG_DFL);
	(void)signal(SIGINT, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (stderr_fd != -1 && dup2(output_fd, STDERR_FILENO) != -1 &&
	    inherit_give(&inherit, &master->listeners, stderr_fd) == 0 &&
	    herald_give(master) == 0)
		(void)execvp(argv[0], argv);
	(void)fprintf(
	    stderr, "cannot execute %s: %s\n", argv[0], strerror(errno));
	_exit(UPGRADE_EXEC_STATUS);
}

/* How long the new program may take. */
static int64_t
upgrade_start_ms(const struct master *master)
{
	return (int64_t)master->current->conf->timeouts.start_ms;
}

/* Forks; 0, or -1 with errno. */
static int
upgrade_start(struct master *master)
{
	struct upgrade *upgrade = &master->upgrade;
	int channel[2], output[2], error;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
		0, channel) == -1)
		return -1;
	if (pipe2(output, O_CLOEXEC) == -1) {
		error = errno;
		(void)close(channel[0]);
		(void)close(channel[1]);
		errno = error;
		return -1;
	}
	pid = fork();
	error = errno;
	if (pid == 0)
		upgrade_exec(master, channel[1], output[1]);
	(void)close(channel[1]);
	(void)close(output[1]);
	upgrade->channel_fd = channel[0];
	relay_open(&upgrade->output, output[0]);
	upgrade->pid = pid == -1 ? 0 : pid;
	upgrade->deadline_ms = master->clock.mono_ms + upgrade_start_ms(master);
	upgrade->reopened = false;
	errno = error;
	return pid == -1 ? -1 : 0;
}

void
upgrade_begin(struct master *master)
{
	outcome_clear(&master->outcome);
	if (getpid() == 1) {
		outcome_error(&master->outcome,
		    "process 1 cannot hand over to another: start the new "
		    "program in a container of its own");
		upgrade_fail(master);
		return;
	}
	log_notice("upgrade: starting %s", master->opts.argv[0]);
	if (upgrade_start(master) == 0)
		return;
	outcome_error(&master->outcome, "cannot start %s: %s",
	    master->opts.argv[0], strerror(errno));
	upgrade_fail(master);
}

/* The new master serves: all that is left here is to finish. */
static void
upgrade_leave(struct master *master)
{
	struct upgrade *upgrade = &master->upgrade;

	log_notice("upgrade: process %ld serves now, this one finishes what "
		   "is open",
	    (long)upgrade->pid);
	upgrade->left = true;
	master->stop = MASTER_STOPS;
	supervise_stop(master, false);
	listeners_hand_over(&master->listeners);
	if (master->pid_fd != -1)
		(void)close(master->pid_fd); /* which ends our lock */
	master->pid_fd = -1;
	command_leave(&master->command);
	herald_leave(master, upgrade->pid);
	/* If it is dead nobody waits for this. */
	(void)fdpass_send(upgrade->channel_fd, UPGRADE_GO, NULL, 0);
}

/* False when there is nobody to pass a signal on to. */
static bool
upgrade_tell(const struct upgrade *upgrade, int sig)
{
	return upgrade->left && upgrade->pid != 0 &&
	       kill(upgrade->pid, sig) == 0;
}

void
upgrade_pass_on(struct master *master)
{
	struct upgrade *upgrade = &master->upgrade;

	if (master->reload_wanted && upgrade_tell(upgrade, SIGHUP))
		master->reload_wanted = false;
	if (upgrade->reopened && upgrade_tell(upgrade, SIGUSR1))
		upgrade->reopened = false;
}

bool
upgrade_pass_on_stop(const struct master *master)
{
	return upgrade_tell(&master->upgrade, SIGTERM);
}

static void
upgrade_left(struct master *master, bool done)
{
	struct upgrade *upgrade = &master->upgrade;
	char text[128];

	(void)snprintf(text, sizeof(text),
	    done ? "ok: upgraded, process %ld serves now\n"
		 : "failed: process %ld took over and ended: start tined "
		   "again\n",
	    (long)upgrade->pid);
	upgrade_end(master, text);
}

/*
 * The new master
 */

int
upgrade_take(struct master *master)
{
	struct upgrade *upgrade = &master->upgrade;
	struct inherit inherit;
	int rc = inherit_take(&inherit, &master->listeners, &master->outcome);

	upgrade->old = inherit.master;
	upgrade->channel_fd = inherit.channel_fd;
	relay_init(&upgrade->output);
	upgrade->report_fd = inherit.report_fd;
	upgrade->command_fd = inherit.command_fd;
	master->board_fd = inherit.board_fd;
	master->ledger_fd = inherit.ledger_fd;
	return rc;
}

/* The old master lets go, or is dead. */
static void
upgrade_go(struct master *master)
{
	struct upgrade *upgrade = &master->upgrade;

	if (start_take_pidfile(master->pid_file, &master->pid_fd) == 0)
		start_write_pidfile(master->pid_file, master->pid_fd);
	master->command.lent = false;
	if (master->command.fd == -1 && master->pid_fd != -1)
		(void)command_open(
		    &master->command, master->pid_file, &master->outcome);
	log_notice("upgrade: process %ld is replaced", (long)upgrade->old);
	master->board->upgrades_ok++;
	board_set_last(master->board, true, master->clock.wall_s, "upgraded");
	if (upgrade->channel_fd != -1)
		(void)fdpass_send(upgrade->channel_fd, UPGRADE_DONE, NULL, 0);
	upgrade->old = 0;
	upgrade_close(&upgrade->channel_fd);
	herald_ready(master);
}

void
upgrade_announce(struct master *master)
{
	struct upgrade *upgrade = &master->upgrade;

	log_set_copy(-1);
	upgrade_close(&upgrade->report_fd);
	if (upgrade->old == 0) {
		herald_ready(master);
		return;
	}
	if (upgrade->channel_fd == -1) {
		upgrade_go(master);
		return;
	}
	if (fdpass_send(upgrade->channel_fd, UPGRADE_READY, NULL, 0) == -1)
		log_warn("cannot tell process %ld that we serve: %s",
		    (long)upgrade->old, strerror(errno));
}

/*
 * Both
 */

unsigned
upgrade_poll(const struct master *master, struct pollfd *fds)
{
	const struct upgrade *upgrade = &master->upgrade;
	unsigned n = 0;

	if (upgrade->channel_fd != -1)
		fds[n++] = (struct pollfd){ upgrade->channel_fd, POLLIN, 0 };
	if (upgrade->output.fd != -1)
		fds[n++] = (struct pollfd){ upgrade->output.fd, POLLIN, 0 };
	return n;
}

/* One message, or 0 at the end of the other: false when that is all. */
static bool
upgrade_heard(struct master *master, char message)
{
	struct upgrade *upgrade = &master->upgrade;

	if (upgrade->old != 0) {
		/* If it died we go on: upgrade_announce() is still to come. */
		if (master->current == NULL)
			upgrade_close(&upgrade->channel_fd);
		else
			upgrade_go(master);
		return false;
	}
	if (upgrade->left) {
		upgrade_left(master, message == UPGRADE_DONE);
		return false;
	}
	upgrade->ready = message == UPGRADE_READY;
	/* When it hung up the reaper says how it ended. */
	if (!upgrade->ready)
		upgrade_close(&upgrade->channel_fd);
	return upgrade->ready;
}

void
upgrade_read(struct master *master)
{
	struct upgrade *upgrade = &master->upgrade;
	int fds[FDPASS_MAX], rc;
	unsigned nfds;
	char message;

	if (upgrade->output.fd != -1)
		relay_read(&upgrade->output, &master->outcome);
	while (upgrade->channel_fd != -1) {
		rc = fdpass_recv(upgrade->channel_fd, &message, fds, &nfds);
		if (rc == -1 && (errno == EAGAIN || errno == EINTR))
			break;
		while (rc == 1 && nfds > 0)
			(void)close(fds[--nfds]);
		if (!upgrade_heard(master, rc == 1 ? message : '\0'))
			return;
	}
	/* Only now, since it may have said so and died. */
	if (upgrade->ready && !upgrade->left)
		upgrade_leave(master);
}

bool
upgrade_reap(struct master *master, pid_t pid, int status)
{
	struct upgrade *upgrade = &master->upgrade;
	char how[PROCESS_END_TEXT];

	if (upgrade->pid == 0 || pid != upgrade->pid)
		return false;
	upgrade_read(master);
	if (upgrade->left) {
		if (upgrade->pid != 0)
			upgrade_left(master, false);
		return true;
	}
	change_restore(master);
	relay_close(&upgrade->output, &master->outcome);
	if (master->stop != MASTER_STAYS) {
		upgrade_end(
		    master, "failed: the server stops, nothing was upgraded\n");
		return true;
	}
	process_describe_end(status, how);
	outcome_error(&master->outcome,
	    "the new program %s before it was ready%s", how,
	    upgrade->output.nlines == 0
		? ", without a word; start it by hand to see why"
		: "");
	upgrade_fail(master);
	return true;
}

int64_t
upgrade_deadline(const struct master *master)
{
	const struct upgrade *upgrade = &master->upgrade;

	return upgrade->pid == 0 || upgrade->left ? INT64_MAX
						  : upgrade->deadline_ms;
}

void
upgrade_time(struct master *master)
{
	struct upgrade *upgrade = &master->upgrade;

	if (master->clock.mono_ms < upgrade_deadline(master))
		return;
	outcome_error(&master->outcome,
	    "the new program was not ready within timeouts.start, %lld ms: "
	    "killed",
	    (long long)upgrade_start_ms(master));
	(void)kill(upgrade->pid, SIGKILL);
	upgrade->deadline_ms = INT64_MAX;
}

void
upgrade_close_fds(struct master *master)
{
	struct upgrade *upgrade = &master->upgrade;

	upgrade_close(&upgrade->channel_fd);
	upgrade_close(&upgrade->output.fd);
	upgrade_close(&upgrade->report_fd);
}

void
upgrade_stop(struct master *master)
{
	if (master->upgrade.pid != 0 && !master->upgrade.left)
		(void)kill(master->upgrade.pid, SIGTERM);
}
