/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/quick.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/assign.h"
#include "conf/override.h"
#include "core/number.h"

#define QUICK_ADDRESS "127.0.0.1:8080"

static const struct conf_origin quick_dir = { .file = "DIR",
	.layer = CONF_OPTIONS };
static const struct conf_origin quick_port = { .file = "-p",
	.layer = CONF_OPTIONS };

/* Sets a key of a section that has no name, as if a file did. */
static void
quick_set(struct build *build, const char *section, const char *key,
    const char *value, struct conf_origin origin)
{
	struct conf_instance *instance =
	    build_enter(build, span_of(section), origin);

	if (instance != NULL)
		assign_key(
		    build, instance, span_of(key), span_of(value), origin);
}

/* Whom root serves a folder as: its owner, or else nobody. */
static const char *
quick_user(const struct stat *st)
{
	const struct passwd *owner =
	    st->st_uid == 0 ? NULL : getpwuid(st->st_uid);

	return owner == NULL ? "nobody" : owner->pw_name;
}

/* What stands in place of a file. */
static void
quick_set_defaults(struct build *build, const struct stat *st)
{
	const struct conf_origin origin = { .file = "DIR" };

	if (geteuid() == 0)
		quick_set(build, "server", "user", quick_user(st), origin);
	quick_set(build, "listen", "address", QUICK_ADDRESS, origin);
	quick_set(build, "access_log", "path", "stdout", origin);
	quick_set(build, "access_log", "flush", "0", origin);
	quick_set(build, "site", "listing", "on", origin);
}

static void
quick_set_port(struct build *build, const char *port)
{
	char quoted[REPORT_QUOTED];
	uint64_t number;

	if (number_parse_u64(span_of(port), &number) == -1 ||
	    number > UINT16_MAX)
		report_add(&build->report, quick_port,
		    "%s: a port is a number from 0 to 65535",
		    report_quote(quoted, span_of(port)));
	else
		quick_set(build, "listen", "address", port, quick_port);
}

static void
quick_refuse_dir(struct build *build, const char *dir, const char *what)
{
	/* What is missing now is a matter of the folder. */
	build->nunknown++;
	report_add(&build->report, (struct conf_origin){ .file = dir },
	    "%s; name a folder to serve", what);
}

/* What would do nothing. */
static void
quick_warn(struct build *build)
{
	const struct conf_server *server = &build->conf->server;

	if (server->watch_config)
		report_warn(&build->report,
		    internal_place(build->conf, server, "watch_config"),
		    "server.watch_config: DIR has no configuration to watch");
}

static void
quick_fill(struct build *build, const char *root, const char *port,
    const struct conf_overrides *overrides)
{
	struct stat st;

	if (stat(root, &st) == -1 || !S_ISDIR(st.st_mode)) {
		quick_refuse_dir(build, root, strerror(ENOTDIR));
		return;
	}
	quick_set_defaults(build, &st);
	override_environment(build, overrides);
	quick_set(build, "site", "root", root, quick_dir);
	if (port != NULL)
		quick_set_port(build, port);
	override_options(build, overrides);
	quick_warn(build);
}

struct conf *
quick_load(const char *dir, const char *port,
    const struct conf_overrides *overrides, struct conf_errors *errors)
{
	char *root = realpath(dir, NULL);
	struct build build;
	struct conf *conf;

	if (build_init(&build, (struct conf_origin){ .file = "DIR" }, errors) ==
	    -1) {
		free(root);
		return NULL;
	}
	if (root == NULL)
		quick_refuse_dir(&build, dir, strerror(errno));
	else
		quick_fill(&build, root, port, overrides);
	conf = build_fini(&build);
	free(root);
	return conf;
}

bool
quick_has_default_port(const struct conf *conf)
{
	return conf->listens[0].addresses.origins[0].layer == CONF_FILES;
}
