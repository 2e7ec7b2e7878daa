/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/single.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "core/sandbox.h"
#include "master/child.h"
#include "master/inherit.h"
#include "master/start.h"
#include "master/verifiers.h"
#include "os/pidfile.h"
#include "worker/worker.h"

/* Duplicates for the worker, which closes what it gets.  0, or -1. */
static int
single_lend(int *fds, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 0);
		if (fds[i] == -1)
			return -1;
	}
	return 0;
}

/* What a master would write on the board; returns where to count. */
static struct counters *
single_show(struct board *board)
{
	struct board_place *place = board_take(board);
	struct clock clock = { 0 };

	(void)clock_update(&clock);
	*place = (struct board_place){ .pid = getpid(),
		.master = getpid(),
		.generation = 1,
		.state = BOARD_SERVING,
		.started_s = clock.wall_s };
	board_set_server(board, PACKAGE_VERSION, 1, 1, clock.wall_s);
	board->started_s = clock.wall_s;
	board->ready = 1;
	return board_counters(board, place);
}

/* The socket to a verifier; -1: none is needed, or an error with errno. */
static int
single_start_verifier(const struct generation *generation)
{
	pid_t pid;
	int fd;

	errno = 0;
	if (!generation_has_passwords(generation))
		return -1;
	pid = verifiers_fork(generation, &fd);
	if (pid == 0)
		verifiers_enter(generation, -1, fd);
	return pid == -1 ? -1 : fd;
}

/* Everything is open: serves until a signal ends it. */
static int
single_serve(const struct generation *generation,
    const struct listeners *listeners, struct board *board,
    const struct ledger *ledger, int verify_fd)
{
	struct worker_args args = {
		.conf = generation->conf,
		.generation = generation->number,
		.maintenance = &generation->maintenance,
		.root_fds = generation->root_fds,
		.buffers_bytes = generation->buffers_bytes,
		.control_fd = -1,
		.access_fds = generation->logs.access_fds,
		.verify_fd = verify_fd,
		.counters = single_show(board),
		.board = board,
		.ledger = ledger,
	};
	int *fds, *admin_fds, status = EXIT_FAILURE;
	bool *proxy = NULL;

	child_set_signals();
	child_pin(generation, 0);
	args.listen_fds = fds =
	    listeners_of_slot(listeners, 0, 1, &args.nlisten_fds);
	args.admin_fds = admin_fds =
	    listeners_of_admin(listeners, &args.nadmin_fds);
	if (fds != NULL)
		args.listen_proxy = proxy =
		    child_with_proxy(listeners, fds, args.nlisten_fds, false);
	if (proxy == NULL || admin_fds == NULL ||
	    single_lend(fds, args.nlisten_fds) == -1 ||
	    single_lend(admin_fds, args.nadmin_fds) == -1)
		log_error("cannot start: %s", strerror(errno));
	else if (generation_become_user(generation) == 0) {
		args.sandbox = board_sandbox(board, args.counters);
		*args.sandbox = SANDBOX_NO_NEW_PRIVS;
		status = worker_run(&args);
	}
	free(fds);
	free(proxy);
	free(admin_fds);
	return status;
}

/* Opens the listeners of a generation and serves. */
static int
single_listen(const struct generation *generation,
    const struct master_opts *opts, int verify_fd, struct outcome *outcome)
{
	struct listeners listeners = { 0 };
	struct inherit inherit;
	struct ledger ledger = { 0 };
	int board_fd, ledger_fd = -1, status = EXIT_FAILURE;
	struct board *board = board_create(&board_fd);

	if (board == NULL ||
	    ledger_create(&ledger,
		ledger_clients(generation->conf->limits.clients),
		&ledger_fd) == -1) {
		outcome_error(outcome, "cannot start: %s", strerror(errno));
	} else if (inherit_take(&inherit, &listeners, outcome) == 0 &&
		   listeners_prepare(&listeners, generation->conf, 1,
		       opts->try_ports, outcome) == 0) {
		listeners_commit(&listeners);
		log_set_copy(-1);
		if (opts->quick)
			start_print_url(&listeners, generation);
		status = single_serve(
		    generation, &listeners, board, &ledger, verify_fd);
	}
	listeners_close(&listeners);
	board_unmap(&board);
	ledger_unmap(&ledger);
	if (board_fd != -1)
		(void)close(board_fd);
	if (ledger_fd != -1)
		(void)close(ledger_fd);
	return status;
}

/* It removes files when it ends, so that it cannot be kept in as workers are.
 */
static bool
single_may_run(const struct conf *conf)
{
	if (*conf->server.chroot != '\0')
		log_error("server.chroot: not with -X, which has no workers; "
			  "take the key out, or start without -X");
	else if (conf->server.sandbox == CONF_SANDBOX_REQUIRE)
		log_error("server.sandbox = require: not with -X, which has no "
			  "workers; set auto, or start without -X");
	else
		return true;
	return false;
}

int
single_run(struct conf **confp, const struct master_opts *opts)
{
	struct outcome *outcome = calloc(1, sizeof(*outcome));
	struct generation *generation = NULL;
	int pid_fd, verify_fd, status = EXIT_FAILURE;

	if (outcome == NULL)
		log_error("cannot start: %s", strerror(errno));
	else if (single_may_run(*confp))
		generation = generation_open(confp, 1, 1, outcome);
	conf_free(confp);
	if (generation != NULL) {
		const char *pid_file = generation->conf->server.pid_file;

		start_use_log(generation, -1);
		/* Before there are sockets that it must not have. */
		verify_fd = single_start_verifier(generation);
		if (verify_fd == -1 && errno != 0)
			log_error(
			    "cannot start a verifier: %s", strerror(errno));
		if (start_take_pidfile(pid_file, &pid_fd) == 0) {
			start_write_pidfile(pid_file, pid_fd);
			status =
			    single_listen(generation, opts, verify_fd, outcome);
		}
		if (pid_fd != -1)
			pidfile_close(pid_fd, pid_file);
	}
	generation_close(&generation);
	free(outcome);
	return status;
}
