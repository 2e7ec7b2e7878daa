/* SPDX-License-Identifier: BSD-2-Clause */
/* The section of the processes that serve, and of what all sites share. */
#ifndef CONF_SERVER_H
#define CONF_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/logging.h"
#include "conf/origin.h"
#include "core/cidr.h"

/* Who answers a host that no site has. */
enum conf_unmatched { CONF_UNMATCHED_DEFAULT, CONF_UNMATCHED_421 };

/* What answers say of the program in Server. */
enum conf_server_header {
	CONF_SERVER_HEADER_OFF,
	CONF_SERVER_HEADER_NAME,
	CONF_SERVER_HEADER_FULL, /* its version too */
};

/* What the server is for, which chooses defaults; see conf/profile.c. */
enum conf_profile { CONF_PROFILE_PROD, CONF_PROFILE_STAGING, CONF_PROFILE_DEV };

/* What of a trusted proxy's request says whose it is. */
enum conf_client_address {
	CONF_CLIENT_PEER, /* nothing */
	CONF_CLIENT_X_FORWARDED_FOR,
};

/* Whether workers are kept in; see core/sandbox.h. */
enum conf_sandbox {
	CONF_SANDBOX_OFF,
	CONF_SANDBOX_AUTO,    /* with what there is */
	CONF_SANDBOX_REQUIRE, /* with all, or not at all */
};

struct conf_server {
	enum conf_profile profile;
	uint64_t workers;      /* 0: one per usable core */
	uint64_t disk_threads; /* of each worker; 0: it waits itself */
	struct conf_list pin;  /* "off", "auto", or cores; see conf/cores.h */
	const char *user;      /* "" : stay who we are */
	const char *group;     /* "" : the user's group */
	bool allow_root;       /* serve as root, although that is unwise */
	enum conf_sandbox sandbox;
	const char *chroot;   /* the workers' root folder; "": the usual one */
	bool daemon;          /* go into the background */
	bool watch_roots;     /* look whether they lead elsewhere */
	bool watch_config;    /* look whether its files have changed */
	bool health;          /* sites answer /healthz and /readyz */
	const char *pid_file; /* "" : none */
	const char *syslog_socket;
	enum syslog_facility syslog_facility;
	enum conf_request_id request_id;
	enum conf_unmatched unmatched;
	enum conf_server_header server_header;
	const char *mime_types;           /* a file of media types; "": none */
	struct conf_list trusted_proxies; /* as written */
	struct cidr_set trusted;          /* the same, compiled */
	enum conf_client_address client_address;
};

#endif
