/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/generation.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/secrets.h"
#include "conf/workers.h"
#include "core/log.h"
#include "master/slots.h"
#include "os/beneath.h"
#include "os/process.h"
#include "worker/footprint.h"

/* Descriptors of a worker besides its connections: files, logs, the loop. */
#define GENERATION_SPARE_FDS 512

/* Fewer, beside what serves nobody, and a worker does not even start. */
#define GENERATION_LEAST_FDS 64

/* Whom the workers become, from server.user and server.group. */
static int
generation_find_user(struct generation *generation, struct outcome *outcome)
{
	const struct conf_server *server = &generation->conf->server;
	const struct passwd *passwd;
	const struct group *group;

	generation->uid = geteuid();
	generation->gid = getegid();
	if (*server->user != '\0') {
		passwd = getpwnam(server->user);
		if (passwd == NULL) {
			outcome_error(
			    outcome, "server.user: no user %s", server->user);
			return -1;
		}
		generation->uid = passwd->pw_uid;
		generation->gid = passwd->pw_gid;
	}
	if (*server->group != '\0') {
		group = getgrnam(server->group);
		if (group == NULL) {
			outcome_error(outcome, "server.group: no group %s",
			    server->group);
			return -1;
		}
		generation->gid = group->gr_gid;
	}
	/* Anybody else than root is refused by conf_check_system(). */
	generation->drops = geteuid() == 0 && (generation->uid != geteuid() ||
						  generation->gid != getegid());
	return 0;
}

static int
generation_open_roots(struct generation *generation, struct outcome *outcome)
{
	const struct conf *conf = generation->conf;
	int *fds = calloc(conf->nsites + 1, sizeof(*fds));
	struct stat *stats = calloc(conf->nsites + 1, sizeof(*stats));

	generation->root_fds = fds;
	generation->root_stats = stats;
	if (fds == NULL || stats == NULL) {
		outcome_error(outcome, "%s", strerror(errno));
		return -1;
	}
	for (unsigned i = 0; i < conf->nsites; i++) {
		const struct conf_site *site = &conf->sites[i];
		int fd = beneath_open_root(site->root);

		if (fd == -1) {
			outcome_error(outcome, "cannot open site.root %s: %s",
			    site->root, strerror(errno));
			return -1;
		}
		/* Fails for no descriptor that is open. */
		(void)fstat(fd, &stats[generation->nroots]);
		fds[generation->nroots++] = fd;
	}
	return 0;
}

static int
generation_open_chroot(struct generation *generation, struct outcome *outcome)
{
	const char *path = generation->conf->server.chroot;

	if (*path == '\0')
		return 0;
	generation->chroot_fd = beneath_open_root(path);
	if (generation->chroot_fd != -1)
		return 0;
	outcome_error(
	    outcome, "cannot open server.chroot %s: %s", path, strerror(errno));
	return -1;
}

static unsigned
generation_count_workers(
    const struct conf *conf, const struct workers_room *room)
{
	unsigned n = workers_count(conf, room);

	if (conf->server.workers == 0 && n < room->cores)
		log_notice("server.workers = auto: %u for %u cores, as there "
			   "are %llu MiB of memory, and each may use %llu MiB "
			   "for cache.memory",
		    n, room->cores,
		    (unsigned long long)room->memory_bytes >> 20,
		    (unsigned long long)conf->cache.memory_bytes >> 20);
	return n > SLOTS_MAX ? SLOTS_MAX : n;
}

/* All that the workers may take must be there, or the kernel kills one. */
static void
generation_check_memory(const struct generation *generation,
    const struct workers_room *room, struct outcome *outcome)
{
	uint64_t most =
	    footprint_bytes(generation->conf, generation->buffers_bytes);

	if (most <= room->memory_bytes / generation->nworkers)
		return;
	outcome_warn(outcome,
	    "each worker may take %llu MiB of memory, %u of them more than the "
	    "%llu MiB that there are: lower limits.buffers, cache.memory, "
	    "limits.connections or server.workers",
	    (unsigned long long)most >> 20, generation->nworkers,
	    (unsigned long long)room->memory_bytes >> 20);
}

/* How many workers there are, and what each may take. */
static void
generation_share_out(
    struct generation *generation, unsigned nworkers, struct outcome *outcome)
{
	const struct workers_room room = workers_find_room();
	const struct conf *conf = generation->conf;

	generation->nworkers =
	    nworkers != 0 ? nworkers : generation_count_workers(conf, &room);
	generation->buffers_bytes =
	    workers_buffers_bytes(conf, &room, generation->nworkers);
	generation_check_memory(generation, &room, outcome);
}

/* What serves nobody yet: sites, logs, listening sockets. */
static unsigned long
generation_fixed_fds(const struct generation *generation)
{
	const struct conf *conf = generation->conf;
	unsigned long n = conf->nsites + conf->nsite_logs;

	for (unsigned i = 0; i < conf->nlistens; i++)
		n += (unsigned long)conf->listens[i].addresses.nitems *
		     generation->nworkers;
	return n;
}

/*
 * The workers inherit the limit, so it is raised before they are forked.  0, or
 * -1 when hardly anybody could be served.
 */
static int
generation_raise_limits(
    const struct generation *generation, struct outcome *outcome)
{
	const struct conf *conf = generation->conf;
	unsigned long fixed = generation_fixed_fds(generation), want, limit;

	want = fixed + conf->limits.connections + conf->cache.files +
	       GENERATION_SPARE_FDS;
	/*
	 * More where it is to be had: a large file may have three sidecars.
	 * For want of that the cache gives files up.
	 */
	limit = process_raise_nofile(want + 3 * conf->cache.files);
	if (limit < fixed + GENERATION_LEAST_FDS) {
		outcome_error(outcome,
		    "the system allows %lu descriptors, and %lu are the least: "
		    "raise ulimit -n, or have fewer sites, logs and listeners",
		    limit, fixed + GENERATION_LEAST_FDS);
		return -1;
	}
	if (limit < want)
		outcome_warn(outcome,
		    "limits.connections = %llu and cache.files = %llu need %lu "
		    "descriptors for each worker and the system allows %lu: "
		    "raise ulimit -n, or lower these",
		    (unsigned long long)conf->limits.connections,
		    (unsigned long long)conf->cache.files, want, limit);
	return 0;
}

/* Sites may be closed from the beginning. */
static int
generation_look(struct generation *generation, struct outcome *outcome)
{
	if (maintenance_open(&generation->maintenance, generation->conf) == 0)
		return 0;
	outcome_error(outcome, "%s", strerror(errno));
	return -1;
}

struct generation *
generation_open(struct conf **confp, unsigned number, unsigned nworkers,
    struct outcome *outcome)
{
	struct generation *generation = calloc(1, sizeof(*generation));

	if (generation == NULL) {
		outcome_error(outcome, "%s", strerror(errno));
		conf_free(confp);
		return NULL;
	}
	*generation = (struct generation){
		.number = number,
		.conf = *confp,
		.logs = { .error_fd = -1 },
		.verifier = { .control_fd = -1 },
		.chroot_fd = -1,
	};
	*confp = NULL;
	secrets_hide(generation->conf);
	generation_share_out(generation, nworkers, outcome);
	if (logs_open(&generation->logs, generation->conf, outcome) == -1 ||
	    generation_find_user(generation, outcome) == -1 ||
	    generation_open_chroot(generation, outcome) == -1 ||
	    generation_open_roots(generation, outcome) == -1 ||
	    generation_look(generation, outcome) == -1 ||
	    generation_raise_limits(generation, outcome) == -1) {
		generation_close(&generation);
		return NULL;
	}
	return generation;
}

void
generation_close(struct generation **generationp)
{
	struct generation *generation = *generationp;

	*generationp = NULL;
	if (generation == NULL)
		return;
	if (log_fd() == generation->logs.error_fd)
		log_set_fd(STDERR_FILENO);
	for (unsigned i = 0; i < generation->nroots; i++)
		(void)close(generation->root_fds[i]);
	free(generation->root_fds);
	free(generation->root_stats);
	if (generation->chroot_fd != -1)
		(void)close(generation->chroot_fd);
	if (generation->verifier.control_fd != -1)
		(void)close(generation->verifier.control_fd);
	logs_close(&generation->logs);
	maintenance_close(&generation->maintenance);
	conf_free(&generation->conf);
	free(generation);
}

bool
generation_has_passwords(const struct generation *generation)
{
	for (unsigned i = 0; i < generation->conf->nauths; i++)
		if (generation->conf->auths[i].users.nitems > 0)
			return true;
	return false;
}

void
generation_use_log(const struct generation *generation)
{
	const struct conf_server *server = &generation->conf->server;

	log_set_syslog(server->syslog_socket, server->syslog_facility);
	log_set_fd(generation->logs.error_fd);
	log_set_level(generation->conf->error_log.level);
}

int
generation_become_user(const struct generation *generation)
{
	const char *user = generation->conf->server.user;
	int rc = 0;

	if (generation->drops)
		rc = process_drop_privileges(*user == '\0' ? "root" : user,
		    generation->uid, generation->gid, generation->chroot_fd);
	else if (generation->chroot_fd != -1)
		rc = process_change_root(generation->chroot_fd);
	if (rc == 0)
		rc = process_no_new_privs();
	if (rc == -1)
		log_error("cannot become user %s%s%s: %s",
		    *user == '\0' ? "root" : user,
		    generation->chroot_fd == -1 ? "" : " with root folder ",
		    generation->conf->server.chroot, strerror(errno));
	return rc;
}
