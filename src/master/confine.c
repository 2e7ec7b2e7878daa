/* SPDX-License-Identifier: BSD-2-Clause */
#include "master/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/log.h"
#include "core/sandbox.h"
#include "os/sandbox_calls.h"
#include "os/sandbox_caps.h"
#include "os/sandbox_files.h"

void
confine_tell(const struct conf *conf)
{
	const char *calls = sandbox_calls_problem();

	if (conf->server.sandbox != CONF_SANDBOX_AUTO)
		return;
	if (sandbox_files_abi() == 0)
		log_notice("server.sandbox = auto: without Landlock: %s",
		    strerror(errno));
	if (calls != NULL)
		log_notice("server.sandbox = auto: without seccomp: %s", calls);
}

/* What is missing stops a process where all is required.  0, or -1. */
static int
confine_miss(const struct conf *conf, const char *what)
{
	if (conf->server.sandbox == CONF_SANDBOX_REQUIRE) {
		log_error(
		    "server.sandbox = require: %s: %s", what, strerror(errno));
		return -1;
	}
	log_warn("server.sandbox = auto: goes on without: %s: %s", what,
	    strerror(errno));
	return 0;
}

/* True when a symbolic link may lead out of the root of a site. */
static bool
confine_links_lead_out(const struct conf *conf)
{
	for (unsigned i = 0; i < conf->nsites; i++)
		switch (conf->sites[i].symlinks) {
		case BENEATH_DENY:
		case BENEATH_WITHIN: break;
		case BENEATH_OWNER:
		case BENEATH_FOLLOW: return true;
		}
	return false;
}

/* The folders, and / when links lead out; 0, or -1 with errno. */
static int
confine_files(
    const struct conf *conf, const int *fds, unsigned n, uint32_t *parts)
{
	bool all = n > 0 && confine_links_lead_out(conf);
	int *folders = calloc(n + 1, sizeof(*folders));
	int rc = -1, slash = -1;

	if (folders == NULL)
		return -1;
	for (unsigned i = 0; i < n; i++)
		folders[i] = fds[i];
	if (all)
		folders[n++] = slash = open("/", O_PATH | O_CLOEXEC);
	if (!all || slash != -1)
		rc = sandbox_files_enter(folders, n, parts);
	if (rc == 0 && all)
		*parts |= SANDBOX_READS_ALL;
	if (slash != -1)
		(void)close(slash); /* nothing was written to it */
	free(folders);
	return rc;
}

int
confine_enter(const struct generation *generation, const int *fds, unsigned n,
    uint32_t *parts)
{
	const struct conf *conf = generation->conf;
	bool wanted = conf->server.sandbox != CONF_SANDBOX_OFF;

	/* The file that says it may be out of reach afterwards. */
	tzset();
	*parts = 0;
	if (wanted && sandbox_caps_bound() == -1 &&
	    confine_miss(conf, "to bound capabilities") == -1)
		return -1;
	if (generation_become_user(generation) == -1)
		return -1;
	*parts = SANDBOX_NO_NEW_PRIVS;
	if (generation->chroot_fd != -1)
		*parts |= SANDBOX_CHROOT;
	if (!wanted)
		return 0;
	if (sandbox_caps_drop() == 0)
		*parts |= SANDBOX_NO_CAPS;
	else if (confine_miss(conf, "to drop capabilities") == -1)
		return -1;
	/* That there is no Landlock at all the master said already. */
	if (conf->server.sandbox == CONF_SANDBOX_AUTO &&
	    sandbox_files_abi() == 0)
		return 0;
	return confine_files(conf, fds, n, parts) == 0
		   ? 0
		   : confine_miss(conf, "Landlock");
}
