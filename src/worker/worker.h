/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One worker: a process with a libevent loop that serves connections.
 *
 * The master forks it with everything open that it needs; the worker opens no
 * listener and no log by itself.  `tined -X` calls the same function without
 * a fork.
 */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include <stdbool.h>

#include "conf/conf.h"
#include "serve/maintenance.h"
#include "status/board.h"
#include "status/ledger.h"

/*
 * What master and worker say to each other over a SOCK_SEQPACKET pair, one
 * byte a message, but for the names behind WORKER_LOGS, each with a NUL.  End
 * of file means that the other one died.
 */
enum worker_message {
	WORKER_READY = 'R',   /* from the worker: may accept when told to */
	WORKER_STOPPED = 'S', /* from the worker: drains, accepts no more */
	WORKER_ACCEPT = 'A',  /* from the master: accept from now on */
	WORKER_DRAIN = 'D',   /* stop accepting, finish, leave */
	WORKER_REOPEN = 'O',  /* a new error log (SCM_RIGHTS) */
	/* New access logs, and behind the byte the name of each site. */
	WORKER_LOGS = 'G',
	/* Accept from these sockets too, whose worker died (SCM_RIGHTS). */
	WORKER_ADOPT = 'P',
	WORKER_RELEASE = 'L', /* their workers are back: let go of all */
	/*
	 * From a worker: others have idle connections to close, as the ledger
	 * says.  From the master: this worker has.
	 */
	WORKER_SHED = 'X',
	/* Ask this one about passwords (SCM_RIGHTS); see worker/verifier.h. */
	WORKER_VERIFIER = 'V',
};

/* Room for the longest message: FDPASS_MAX names. */
#define WORKER_MESSAGE_BYTES 2048

struct worker_args {
	const struct conf *conf;
	unsigned slot;
	unsigned generation; /* of the configuration */
	/* This slot's sockets; the worker closes them when it is to drain. */
	const int *listen_fds;
	const bool *listen_proxy; /* which of them proxies connect to */
	unsigned nlisten_fds;
	/* Sockets of [admin], which all workers have; likewise. */
	const int *admin_fds;
	unsigned nadmin_fds;
	/* Of the sites; shared with the master, who looks at it. */
	const struct maintenance *maintenance;
	int *root_fds; /* one per site, opened before privileges went */
	uint64_t buffers_bytes; /* of limits.buffers, or its auto */
	int control_fd;         /* to the master; -1: alone, as in -X */
	int verify_fd; /* to a verifier, taken; -1: the master sends one */
	/* Of each access log, as conf_log() numbers them; -1: it is off. */
	const int *access_fds;
	struct counters *counters; /* of this process, on the board */
	uint32_t *sandbox;         /* there too: what keeps this process in */
	const struct board *board;
	const struct ledger *ledger; /* shared as the board is */
};

/*
 * Looks at the flag files of all sites (site.maintenance), and logs which site
 * was closed or opened.  The master does that for all workers.
 */
void worker_look_at_flags(
    const struct maintenance *maintenance, const struct conf *conf);

/*
 * Serves until it is told to drain and has drained, or until SIGTERM or
 * SIGQUIT (drain) or SIGINT (now).  The caller has blocked these signals; the
 * worker reads them from a descriptor.  Everything it took is freed.
 * Returns the exit status for the process: 0, or 1 after an error that it
 * logged.
 */
int worker_run(const struct worker_args *args);

#endif
