/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/cores.h"
#include "conf/internal.h"
#include "os/process.h"
#include "os/sandbox_calls.h"
#include "os/sandbox_files.h"

/* What is being checked: a value of a key, and where errors go. */
struct machine_item {
	struct report *report;
	struct conf_origin place;
	const char *key; /* "section.key" */
	const char *value;
};

static void
machine_refuse(
    const struct machine_item *item, const char *what, const char *advice)
{
	char quoted[REPORT_QUOTED];

	report_add(item->report, item->place, "%s: %s: %s; %s", item->key,
	    report_quote(quoted, span_of(item->value)), what, advice);
}

static void
machine_check_user(const struct conf *conf, struct report *report)
{
	const struct conf_server *server = &conf->server;
	struct machine_item item = { report,
		internal_place(conf, server, "user"), "server.user",
		server->user };
	const struct passwd *user;
	bool root = geteuid() == 0;

	if (server->user[0] == '\0') {
		if (root && !server->allow_root)
			report_add(report, item.place,
			    "server.user: refusing to serve as root: set "
			    "server.user = www-data, or "
			    "server.allow_root = yes");
		return;
	}
	user = getpwnam(server->user);
	if (user == NULL)
		machine_refuse(&item, "no such user on this machine",
		    "create it or name another");
	else if (root && user->pw_uid == 0 && !server->allow_root)
		machine_refuse(&item, "refusing to serve as root",
		    "name another user, or set server.allow_root = yes");
	else if (!root && user->pw_uid != geteuid())
		machine_refuse(&item, "only root can become another user",
		    "start tined as root or take the key out");
}

static void
machine_check_group(const struct conf *conf, struct report *report)
{
	const struct conf_server *server = &conf->server;
	struct machine_item item = { report,
		internal_place(conf, server, "group"), "server.group",
		server->group };
	const struct group *group;

	if (server->group[0] == '\0')
		return;
	group = getgrnam(server->group);
	if (group == NULL)
		machine_refuse(&item, "no such group on this machine",
		    "create it or name another");
	else if (geteuid() != 0 && group->gr_gid != getegid())
		machine_refuse(&item, "only root can take another group",
		    "start tined as root or take the key out");
}

static void
machine_check_chroot(const struct conf *conf, struct report *report)
{
	struct machine_item item = { report,
		internal_place(conf, &conf->server, "chroot"), "server.chroot",
		conf->server.chroot };
	int fd;

	if (*item.value == '\0')
		return;
	fd = beneath_open_root(item.value);
	if (fd == -1)
		machine_refuse(&item, strerror(errno),
		    "create a folder there; it may be empty");
	else if (geteuid() != 0)
		machine_refuse(&item, "only root can change its root folder",
		    "start tined as root or take the key out");
	if (fd != -1)
		(void)close(fd); /* nothing was written to it */
}

/* With auto whatever is missing is left out. */
static void
machine_check_sandbox(const struct conf *conf, struct report *report)
{
	struct machine_item item = { report,
		internal_place(conf, &conf->server, "sandbox"),
		"server.sandbox", "require" };
	const char *calls = sandbox_calls_problem();

	if (conf->server.sandbox != CONF_SANDBOX_REQUIRE)
		return;
	if (sandbox_files_abi() == 0 && errno == EOPNOTSUPP)
		machine_refuse(&item, "Landlock is off in this kernel",
		    "boot it with landlock in its parameter lsm, or set auto");
	else if (sandbox_files_abi() == 0)
		machine_refuse(&item, "this kernel has no Landlock",
		    "boot one from 5.13 on, or set auto");
	if (calls != NULL)
		machine_refuse(&item, calls, "or set auto");
}

/* Cores that this process may not use; the first of each range is enough. */
static void
machine_check_pin(const struct conf *conf, struct report *report)
{
	const struct conf_list *pin = &conf->server.pin;
	char usable[256];

	process_format_cores(usable, sizeof(usable));
	for (unsigned i = 0; i < pin->nitems; i++) {
		unsigned core, last;

		if (cores_parse(span_of(pin->items[i]), &core, &last) == -1)
			continue;
		while (core < last && process_may_use_core(core))
			core++;
		if (!process_may_use_core(core))
			report_add(report, pin->origins[i],
			    "server.pin: \"%s\": core %u cannot be used; "
			    "usable here: %s",
			    pin->items[i], core, usable);
	}
}

/* The folder of an absolute path.  0, or -1 when that is too long. */
static int
machine_format_folder(char out[PATH_MAX], const char *path)
{
	size_t len = (size_t)(strrchr(path, '/') - path);

	if (len >= PATH_MAX)
		return -1;
	/* The folder of /file is /. */
	(void)snprintf(out, PATH_MAX, "%.*s", len > 0 ? (int)len : 1, path);
	return 0;
}

static int
machine_can_write(const char *folder)
{
	return faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS);
}

/* A file can be created in the folder of the item's path, and removed. */
static void
machine_check_folder(const struct machine_item *item)
{
	char folder[PATH_MAX], what[160];

	if (machine_format_folder(folder, item->value) == -1) {
		machine_refuse(
		    item, strerror(ENAMETOOLONG), "name a shorter path");
		return;
	}
	if (machine_can_write(folder) == 0)
		return;
	(void)snprintf(what, sizeof(what), "its folder cannot be written: %s",
	    strerror(errno));
	machine_refuse(
	    item, what, "create it, change its owner, or name another path");
}

/* A file can be written, or else created; a word is no path. */
static void
machine_check_file(const struct machine_item *item)
{
	struct stat st;

	if (item->value[0] != '/')
		return;
	if (stat(item->value, &st) == -1) {
		machine_check_folder(item);
		return;
	}
	if (S_ISDIR(st.st_mode))
		machine_refuse(item, strerror(EISDIR), "name a file in it");
	else if (faccessat(AT_FDCWD, item->value, W_OK, AT_EACCESS) == -1)
		machine_refuse(item, strerror(errno),
		    "change its owner or name another file");
}

static void
machine_check_access_log(const struct conf *conf,
    const struct conf_access_log *log, struct report *report)
{
	const struct machine_item item = { report,
		internal_place(conf, log, "path"), "access_log.path",
		log->path };

	/* What a site has from [access_log] was looked at with that. */
	if (log == &conf->access_log || log->path != conf->access_log.path)
		machine_check_file(&item);
}

/* As any file, but pidfile_open() makes its folder below one that is there. */
static void
machine_check_pid_file(const struct conf *conf, struct report *report)
{
	struct machine_item item = { report,
		internal_place(conf, &conf->server, "pid_file"),
		"server.pid_file", conf->server.pid_file };
	char folder[PATH_MAX], above[PATH_MAX];

	if (item.value[0] == '/' &&
	    machine_format_folder(folder, item.value) == 0 &&
	    access(folder, F_OK) == -1 && errno == ENOENT &&
	    machine_format_folder(above, folder) == 0 &&
	    machine_can_write(above) == 0)
		return;
	machine_check_file(&item);
}

static void
machine_check_addresses(const char *key, const struct conf_list *list,
    const struct sock_addr *addrs, struct report *report)
{
	for (unsigned i = 0; i < list->nitems; i++) {
		struct machine_item item = { report, list->origins[i], key,
			addrs[i].sa.un.sun_path };

		if (addrs[i].sa.any.sa_family == AF_UNIX)
			machine_check_folder(&item);
	}
}

/* Error pages that are not there; no reason not to serve. */
static void
machine_check_error_pages(
    const struct conf_site *site, int root_fd, struct report *report)
{
	const struct conf_pairs *pages = &site->error_pages->pages;

	for (unsigned i = 0; i < pages->nitems; i++) {
		const struct conf_pair *pair = &pages->items[i];
		const char *what = "not a file";
		struct stat st;
		int fd = -1;

		if (*pair->value != '/')
			continue;
		fd =
		    beneath_open(root_fd, pair->value + 1, site->symlinks, &st);
		if (fd == -1)
			what = strerror(errno);
		else
			(void)close(fd); /* nothing was read */
		if (fd == -1 || !S_ISREG(st.st_mode))
			report_warn(report, pair->origin,
			    "error_pages.%s: %s below %s: %s; until it is "
			    "there, the page that is built in is sent",
			    pair->name, pair->value, site->root, what);
	}
}

/* A flag file that could never be seen. */
static void
machine_check_flag(const struct conf *conf, const struct conf_site *site,
    struct report *report)
{
	const char *flag = site->maintenance;
	char folder[PATH_MAX];

	if (*flag == '/' && (machine_format_folder(folder, flag) == -1 ||
				access(folder, X_OK) == -1))
		report_warn(report, internal_place(conf, site, "maintenance"),
		    "site.maintenance: %s: its folder: %s; until that can be "
		    "entered the site stays open",
		    flag, strerror(errno));
}

static void
machine_check_site(const struct conf *conf, const struct conf_site *site,
    struct report *report)
{
	struct machine_item item = { report, internal_place(conf, site, "root"),
		"site.root", site->root };
	int fd = beneath_open_root(site->root);

	if (fd == -1) {
		machine_refuse(
		    &item, strerror(errno), "name a folder that can be read");
		return;
	}
	machine_check_error_pages(site, fd, report);
	/* The folder of tomorrow may have one, so that this stops nothing. */
	if (site->manifest != CONF_MANIFEST_OFF &&
	    faccessat(fd, CONF_MANIFEST_NAME, F_OK, 0) == -1)
		report_warn(report, internal_place(conf, site, "manifest"),
		    "site.manifest: %s/%s: %s; run tined manifest %s",
		    site->root, CONF_MANIFEST_NAME, strerror(errno),
		    site->root);
	(void)close(fd); /* nothing was written to it */
}

void
machine_check(const struct conf *conf, struct report *report)
{
	const struct machine_item error_log = { report,
		internal_place(conf, &conf->error_log, "path"),
		"error_log.path", conf->error_log.path };

	machine_check_user(conf, report);
	machine_check_group(conf, report);
	machine_check_pin(conf, report);
	machine_check_chroot(conf, report);
	machine_check_sandbox(conf, report);
	machine_check_pid_file(conf, report);
	machine_check_file(&error_log);
	for (unsigned i = 0; i <= conf->nsite_logs; i++)
		machine_check_access_log(conf, conf_log(conf, i), report);
	for (unsigned i = 0; i < conf->nlistens; i++)
		machine_check_addresses("listen.address",
		    &conf->listens[i].addresses, conf->listens[i].addrs,
		    report);
	machine_check_addresses(
	    "admin.address", &conf->admin.addresses, conf->admin.addrs, report);
	for (unsigned i = 0; i < conf->nsites; i++) {
		machine_check_site(conf, &conf->sites[i], report);
		machine_check_flag(conf, &conf->sites[i], report);
	}
}
