/* SPDX-License-Identifier: BSD-2-Clause */
/* Sections that say where the server is reached, and what it serves there. */
#ifndef CONF_SECTIONS_H
#define CONF_SECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/lookup.h"
#include "conf/manifest.h"
#include "conf/origin.h"
#include "conf/subject.h"
#include "core/cidr.h"
#include "http/mime.h"
#include "os/beneath.h"
#include "os/socket.h"

/* Whether each worker has a queue of new connections, or all have one. */
enum conf_accept { CONF_ACCEPT_SPREAD, CONF_ACCEPT_SHARED };

/* Whether connections begin with a header of the PROXY protocol. */
enum conf_proxy_protocol {
	CONF_PROXY_PROTOCOL_OFF,
	CONF_PROXY_PROTOCOL_REQUIRE,
};

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
	enum conf_proxy_protocol proxy_protocol;
};

/* Where the server tells how it is. */
struct conf_admin {
	struct conf_list addresses; /* as written; none: nowhere */
	struct sock_addr *addrs;    /* the same, parsed: addresses.nitems */
	uint64_t mode;              /* of a unix socket */
	bool public;                /* other machines may reach it */
};

/* Media types that the configuration adds. */
struct conf_mime {
	struct conf_pairs types; /* by the ending of a name, in lower case */
	struct mime_map map;     /* the same, to be looked up */
};

/* Whether a folder without an index file is listed. */
enum conf_listing {
	CONF_LISTING_OFF,
	CONF_LISTING_ON,
	CONF_LISTING_INHERIT, /* of a [match]: it does not say */
};

/* A site has no more [match] sections than a word has bits. */
#define CONF_MATCHES_MAX 64

/* Sets of fields that tell browsers to be careful. */
enum conf_security {
	CONF_SECURITY_INHERIT, /* not said here */
	CONF_SECURITY_OFF,
	CONF_SECURITY_BASIC,
	CONF_SECURITY_STRICT,
};

/* One [match:GLOB] or [match:SITE GLOB] section. */
struct conf_match {
	const char *name;        /* "GLOB" or "SITE GLOB" */
	const char *glob;        /* that of the name */
	struct conf_list paths;  /* more globs */
	struct conf_list set;    /* "NAME: VALUE" */
	struct conf_list append; /* likewise */
	struct conf_list unset;  /* names of fields */
	bool errors;             /* also for answers of 400 and above */
	const char *type;        /* media type; "": not said here */
	const char *cache;       /* a word or a duration; "": not said here */
	uint64_t cache_missing_ms;
	enum conf_security security;
	struct conf_list cors; /* origins, "*" or "off"; none: not said here */
	struct conf_list cors_headers; /* names of fields */
	struct conf_list cors_expose;  /* likewise */
	uint64_t cors_max_age_ms;
	bool cors_credentials;
	const struct conf_cors *cors_lines; /* NULL: none */
	struct conf_list allow; /* blocks of addresses, as written */
	struct conf_list deny;  /* likewise */
	struct cidr_set access; /* the same, compiled */
	enum conf_listing listing;
	struct conf_list tries; /* none: not set */
	const char *fallback;   /* "": not set; "off"; a path */
	const char *bandwidth;  /* "off" or bytes a second; "": not said here */
	uint64_t bandwidth_after_bytes; /* of an answer, that go before */
	bool paces;                     /* bandwidth is said */
	uint64_t rate;    /* what it says; 0: as fast as clients take it */
	const char *auth; /* of an [auth], or "none"; "": not said here */
	struct conf_list roles;             /* names; none: not said here */
	uint64_t client_rate_per_hour;      /* requests of a client; 0: any */
	uint64_t client_burst;              /* of these at once */
	const struct conf_auth *guard;      /* that auth names; NULL: none */
	const struct conf_role **role_refs; /* as many as roles */
};

/* [error_pages], or one [error_pages:SITE] section. */
struct conf_error_pages {
	const char *name;        /* of the site; "": for all that have none */
	bool folders;            /* /404/index.html, where there is no page */
	struct conf_pairs pages; /* by "404", "4xx"; "built-in" is a page too */
};

/* One [site] or [site:NAME] section. */
struct conf_site {
	const char *name;
	const char *root;
	struct conf_list hosts; /* lower case; none: the default site */
	bool hosts_only; /* no other name leads here; see conf_unmatched */
	struct conf_list redirect_hosts; /* to the first of hosts */
	enum conf_scheme scheme;         /* as a Location names it */
	struct conf_list index;
	struct conf_list precompressed; /* br zst gz, in order; or none */
	enum beneath_symlinks symlinks;
	enum conf_storage storage;
	struct conf_list tries; /* "$uri", then what is put behind a path */
	enum conf_canonical canonical;
	const char *fallback; /* "off", or a path */
	enum conf_manifest manifest;
	const char *maintenance;       /* "off", "on" or the path of a flag */
	uint64_t maintenance_retry_ms; /* for Retry-After */
	enum conf_listing listing;
	/* The sections for its paths, in the order of the files. */
	const struct conf_match **matches;
	unsigned nmatches;
	/* Rules for its paths: its own, then those of all; NULL: none. */
	const struct pathmap *redirects[2];
	const struct pathmap *rewrites[2];
	const struct conf_error_pages *error_pages; /* that are for it */
	unsigned log; /* its access log, as conf_log() numbers them */
	/* What they add to answers: see conf/addition.h. */
	struct conf_addition *additions;
	unsigned nadditions;
	size_t addition_bytes; /* no answer gets more */
};

#endif
