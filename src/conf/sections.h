/* SPDX-License-Identifier: BSD-2-Clause */
/* Sections that say where the server is reached, and what it serves there. */
#ifndef CONF_SECTIONS_H
#define CONF_SECTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/origin.h"
#include "conf/subject.h"
#include "os/beneath.h"
#include "os/socket.h"

/* Whether each worker has a queue of new connections, or all have one. */
enum conf_accept { CONF_ACCEPT_SPREAD, CONF_ACCEPT_SHARED };

/* One [listen] or [listen:NAME] section. */
struct conf_listen {
	const char *name;
	struct conf_list addresses; /* as written */
	struct sock_addr *addrs;    /* the same, parsed: addresses.nitems */
	enum conf_accept accept;
	uint64_t backlog;
	bool defer_accept; /* connections come with their first bytes */
	bool v6only;
	uint64_t mode; /* of a unix socket */
};

/* Where the server tells how it is. */
struct conf_admin {
	struct conf_list addresses; /* as written; none: nowhere */
	struct sock_addr *addrs;    /* the same, parsed: addresses.nitems */
	uint64_t mode;              /* of a unix socket */
	bool public;                /* other machines may reach it */
};

/* A site has no more [match] sections than a word has bits. */
#define CONF_MATCHES_MAX 64

/* One [match:GLOB] or [match:SITE GLOB] section. */
struct conf_match {
	const char *name;        /* "GLOB" or "SITE GLOB" */
	const char *glob;        /* that of the name */
	struct conf_list paths;  /* more globs */
	struct conf_list set;    /* "NAME: VALUE" */
	struct conf_list append; /* likewise */
	struct conf_list unset;  /* names of fields */
	bool errors;             /* also for answers of 400 and above */
	const char *auth;        /* of an [auth], or "none"; "": not set */
	struct conf_list roles;  /* names; none: not set */
	const struct conf_auth *guard;      /* that auth names; NULL: none */
	const struct conf_role **role_refs; /* as many as roles */
};

/* One [site] or [site:NAME] section. */
struct conf_site {
	const char *name;
	const char *root;
	struct conf_list hosts; /* lower case; none: the default site */
	struct conf_list index;
	struct conf_list precompressed; /* br zst gz, in order; or none */
	enum beneath_symlinks symlinks;
	/* The sections for its paths, in the order of the files. */
	const struct conf_match **matches;
	unsigned nmatches;
};

#endif
