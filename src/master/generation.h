/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One configuration and what was opened for it: roots, logs, a user.
 *
 * A reload opens the next generation beside the one that serves; only when all
 * workers of the next are ready does it take the place of the other.
 */
#ifndef MASTER_GENERATION_H
#define MASTER_GENERATION_H

#include <sys/stat.h>
#include <sys/types.h>

#include "conf/conf.h"
#include "master/logs.h"
#include "master/outcome.h"
#include "serve/maintenance.h"

/* Who compares passwords with their hashes, if there are any. */
struct generation_verifier {
	pid_t pid;      /* 0: none */
	int control_fd; /* -1: none */
	int64_t started_ms;
	int64_t retry_ms; /* when to start another; 0: never */
};

struct generation {
	unsigned number;   /* from 1 on */
	struct conf *conf; /* owned */
	unsigned nworkers;
	uint64_t buffers_bytes; /* of each worker */
	struct logs logs;
	struct maintenance maintenance;
	int *root_fds;           /* one per site */
	struct stat *root_stats; /* what each root's path led to last */
	unsigned nroots;
	struct generation_verifier verifier;
	int chroot_fd; /* the root folder of its processes; -1: ours */
	bool drops;    /* privileges: uid and gid are not ours */
	uid_t uid;
	gid_t gid;
};

/*
 * Opens what *confp asks for, but no listener, and takes it.  nworkers 0: as
 * many as the configuration says.  Returns NULL with lines in *outcome; *confp
 * is taken then as well.
 */
struct generation *generation_open(struct conf **confp, unsigned number,
    unsigned nworkers, struct outcome *outcome);

/* Closes and frees *generationp and sets it to NULL; NULL is allowed. */
void generation_close(struct generation **generationp);

/* True when its configuration has passwords. */
bool generation_has_passwords(const struct generation *generation);

/* Lines of the log go where this generation wants them. */
void generation_use_log(const struct generation *generation);

/*
 * In a process that is to serve: gives up its privileges.
 * Returns 0, or -1 after it logged why.
 */
int generation_become_user(const struct generation *generation);

#endif
