/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/keys_server.h"

#include "conf/keys_rows.h"

static const char *const profile_words[] = {
	[CONF_PROFILE_PROD] = "prod",
	[CONF_PROFILE_STAGING] = "staging",
	[CONF_PROFILE_DEV] = "dev",
	NULL,
};

static const char *const auto_words[] = { "auto", NULL };
static const char *const pin_words[] = { "off", "auto", NULL };

static const char *const sandbox_words[] = {
	[CONF_SANDBOX_OFF] = "off",
	[CONF_SANDBOX_AUTO] = "auto",
	[CONF_SANDBOX_REQUIRE] = "require",
	NULL,
};

static const char *const facility_words[] = {
	[SYSLOG_DAEMON] = "daemon",
	[SYSLOG_USER] = "user",
	[SYSLOG_LOCAL0] = "local0",
	[SYSLOG_LOCAL1] = "local1",
	[SYSLOG_LOCAL2] = "local2",
	[SYSLOG_LOCAL3] = "local3",
	[SYSLOG_LOCAL4] = "local4",
	[SYSLOG_LOCAL5] = "local5",
	[SYSLOG_LOCAL6] = "local6",
	[SYSLOG_LOCAL7] = "local7",
	NULL,
};

static const char *const request_id_words[] = {
	[CONF_REQUEST_ID_OFF] = "off",
	[CONF_REQUEST_ID_NEW] = "new",
	[CONF_REQUEST_ID_ACCEPT] = "accept",
	NULL,
};

static const char *const unmatched_words[] = {
	[CONF_UNMATCHED_DEFAULT] = "default",
	[CONF_UNMATCHED_421] = "421",
	NULL,
};

static const char *const server_header_words[] = {
	[CONF_SERVER_HEADER_OFF] = "off",
	[CONF_SERVER_HEADER_NAME] = "name",
	[CONF_SERVER_HEADER_FULL] = "full",
	NULL,
};

static const char *const client_address_words[] = {
	[CONF_CLIENT_PEER] = "peer",
	[CONF_CLIENT_X_FORWARDED_FOR] = "x-forwarded-for",
	NULL,
};

const struct key server_keys[] = {
	ENUM(server, profile, "prod", profile_words,
	    "What the server is for. "
	    "That gives other keys other defaults: see PROFILES."),
	COUNT(server, workers, "auto", 0, 256, auto_words,
	    "How many worker processes serve. "
	    "auto starts one for each core that this machine lets us use, "
	    "but no more than have room in half of its memory, "
	    "at 16 MiB and cache.memory each. "
	    "The limits of a container count as the machine's."),
	{
	    .name = "pin",
	    .type = KEY_CORES,
	    .offset = KEYS_AT(server, pin, struct conf_list),
	    .def = "off",
	    .words = pin_words,
	    .text = "Keeps each worker on one core. "
		    "auto gives them the cores that this machine lets us use, "
		    "a list its own, in turn. "
		    "That helps on a machine that does nothing else.",
	},
	COUNT(server, disk_threads, "8", 0, 64, NULL,
	    "How many threads of each worker wait for disks, so that it serves "
	    "on meanwhile: see SLOW DISKS. "
	    "With 0 the worker waits itself, and whoever it serves with it."),
	STRING(server, user, "", "www-data",
	    "The user that the workers become when tined is started by root. "
	    "Without it they stay who started them."),
	STRING(server, group, "", "www-data",
	    "The group that the workers become. "
	    "Without it they take the group of the user."),
	BOOL(server, allow_root, "no",
	    "Lets the workers serve as root. "
	    "Everything that a mistake could expose is then exposed."),
	ENUM(server, sandbox, "auto", sandbox_words,
	    "Keeps the workers in: they can read below the roots of sites and "
	    "nothing else, and make no system call that serving does not need: "
	    "see SANDBOX. "
	    "auto does what the kernel and this build can do, "
	    "require starts only where they can do all."),
	PATH(server, chroot, "", NULL, "/var/lib/tined/empty",
	    "The folder that becomes the root folder of the workers, "
	    "and may be empty: see SANDBOX. "
	    "Paths here are not below it. "
	    "Only root can do that."),
	BOOL(server, daemon, "no",
	    "Goes into the background once the server is ready. "
	    "A change needs a restart."),
	BOOL(server, watch_roots, "yes",
	    "Looks once a second whether a site.root leads to another folder, "
	    "as when a symbolic link was switched to a new release, "
	    "and then serves that one, as after a reload."),
	BOOL(server, watch_config, "no",
	    "Looks once a second whether a file of the configuration has "
	    "changed, or a new one has come that an include asks for, "
	    "and reloads when nothing more changes for half a second."),
	PATH(server, pid_file, "", NULL, "/run/tined/tined.pid",
	    "The file with the number of the master process, "
	    "which tined -s needs to find it. "
	    "Its folder is made if it is missing. "
	    "A change needs a restart."),
	BOOL(server, health, "no",
	    "Lets every site answer /healthz and /readyz itself, before any "
	    "file, for whoever watches over the server."),
	PATH(server, syslog_socket, "/dev/log", NULL, NULL,
	    "The socket of syslogd, for the logs that go there."),
	ENUM(server, syslog_facility, "daemon", facility_words,
	    "As what syslogd takes our lines."),
	ENUM(server, request_id, "off", request_id_words,
	    "Whether answers have an X-Request-Id, which the access log can "
	    "have too: a new one for each request, or with accept the one that "
	    "the client sent, if it is 1 to 64 letters, digits, dots, dashes "
	    "and underscores."),
	ENUM(server, unmatched, "default", unmatched_words,
	    "Who answers for a host that no site has: the default site, "
	    "or with 421 none, so that every site must have hosts."),
	ENUM(server, server_header, "name", server_header_words,
	    "What answers say in Server: nothing, the name of the program, or "
	    "its version too."),
	PATH(server, mime_types, "", NULL, "/etc/mime.types",
	    "A file of media types: lines of a type and endings of names. "
	    "It goes before what is built in, and [mime] before it. "
	    "Text without a charset is sent as UTF-8."),
	LIST(server, trusted_proxies, trusted_proxies, KEY_BLOCKS, "",
	    "127.0.0.1 10.0.0.0/24",
	    "The proxies in front of this server, "
	    "which are believed when they say for whom they ask: "
	    "see BEHIND A PROXY. "
	    "Nobody else is."),
	ENUM(server, client_address, "x-forwarded-for", client_address_words,
	    "What of a request from a trusted proxy says whose it is: "
	    "nothing, or the field X-Forwarded-For."),
};
