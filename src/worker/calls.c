/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/calls.h"

#include <errno.h>
#include <string.h>

#include "core/log.h"

/* True when a log of this process goes to syslogd, which may begin anew. */
static bool
calls_need_syslogd(const struct conf *conf)
{
	if (strcmp(conf->error_log.path, "syslog") == 0)
		return true;
	for (unsigned i = 0; i <= conf->nsite_logs; i++)
		if (strcmp(conf_log(conf, i)->path, "syslog") == 0)
			return true;
	return false;
}

int
calls_limit(
    const struct conf *conf, enum sandbox_calls_role role, uint32_t *parts)
{
	struct sandbox_calls who = { .role = role };
	const char *problem;

	if (conf->server.sandbox == CONF_SANDBOX_OFF)
		return 0;
	who.connects = calls_need_syslogd(conf);
	who.chdirs = *conf->server.chroot != '\0';
	problem = sandbox_calls_problem();
	if (problem == NULL) {
		if (sandbox_calls_enter(&who, parts) == 0)
			return 0;
		problem = strerror(errno);
	} else if (conf->server.sandbox == CONF_SANDBOX_AUTO) {
		return 0; /* the master said so already */
	}
	if (conf->server.sandbox == CONF_SANDBOX_AUTO) {
		log_warn("server.sandbox = auto: goes on without seccomp: %s",
		    problem);
		return 0;
	}
	log_error("server.sandbox = require: seccomp: %s", problem);
	return -1;
}
