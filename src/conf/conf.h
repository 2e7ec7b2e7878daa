/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One configuration, checked.  Every scalar is a row of the table in
 * conf/keys.c.  It never changes; a reload makes a second one beside it.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "conf/logging.h"
#include "conf/origin.h"
#include "conf/sections.h"
#include "conf/server.h"

struct conf_timeouts { /* all in milliseconds */
	uint64_t first_byte_ms;
	uint64_t head_ms;
	uint64_t body_ms;
	uint64_t send_ms;
	uint64_t keepalive_ms;
	uint64_t age_ms; /* of a connection; 0: no limit */
	uint64_t linger_ms;
	uint64_t verify_ms;
	uint64_t disk_ms;
	uint64_t start_ms;
	uint64_t stop_delay_ms;
	uint64_t drain_grace_ms;
	uint64_t drain_ms;
};

struct conf_limits {
	uint64_t connections; /* per worker */
	uint64_t requests;    /* per connection; 0: no limit */
	uint64_t head_bytes;
	uint64_t target_bytes;
	uint64_t fields;
	uint64_t field_bytes;
	uint64_t body_bytes;
	uint64_t buffers_bytes; /* of a worker; 0: auto */
	uint64_t listing_bytes; /* for each folder that is listed */
	uint64_t send_rate;     /* bytes a second, at least; 0: any progress */
	/* Over all workers, and but for dry_run and clients 0: no limit. */
	uint64_t client_rate_per_hour; /* requests of one client */
	uint64_t client_burst;         /* of these at once */
	uint64_t client_connections;
	uint64_t total_connections;
	struct conf_list client_exempt; /* blocks of addresses, as written */
	struct cidr_set exempt;         /* the same, compiled */
	uint64_t clients;               /* that are remembered */
	bool dry_run;                   /* refuse nobody for these */
};

struct conf_cache {
	uint64_t files;        /* 0: no cache */
	uint64_t missing;      /* paths that lead nowhere */
	uint64_t memory_bytes; /* for the bytes of small files */
	uint64_t small_bytes;  /* what is small */
	uint64_t valid_ms;     /* where nobody tells of changes */
	uint64_t heads;        /* heads of requests; 0: none */
};

struct conf {
	struct conf_server server;
	struct conf_timeouts timeouts;
	struct conf_limits limits;
	struct conf_cache cache;
	struct conf_error_log error_log;
	struct conf_access_log access_log;
	struct conf_access_log *site_logs; /* of sites of their own */
	unsigned nsite_logs;
	struct conf_admin admin;
	struct conf_error_pages error_pages;
	struct conf_error_pages *site_error_pages; /* of sites of their own */
	unsigned nsite_error_pages;
	struct conf_listen *listens;
	unsigned nlistens;
	struct conf_site *sites; /* sites[0] is the default site */
	unsigned nsites;
	struct conf_match *matches; /* in the order of the files */
	unsigned nmatches;
	struct conf_pathset *redirects, *rewrites; /* likewise */
	unsigned nredirects, nrewrites;
	struct conf_auth *auths;
	unsigned nauths;
	struct conf_role *roles;
	unsigned nroles;
	struct conf_mime mime;
	struct conf_internal *internal; /* origins and memory */
};

/* Everything that is wrong with a configuration, in the order of the files. */
struct conf_errors {
	char **lines; /* "file:line: section.key: what, what is allowed" */
	unsigned nlines;
	char **warnings; /* "file:line: warning: what"; they stop nothing */
	unsigned nwarnings;
	char *last[1]; /* what lines is when there is no memory for one */
};

/*
 * Loads path and what it includes, and checks it whole.  Binds nothing and
 * opens no root; conf_check_system() does the rest.  overrides may be NULL.
 * The caller owns it; NULL with lines in *errors.
 */
struct conf *conf_load(const char *path, const struct conf_overrides *overrides,
    struct conf_errors *errors);

/*
 * What can be understood of a file that may have mistakes, whose lines are in
 * *errors: enough to find the server.  NULL when there is no memory.
 */
struct conf *conf_load_broken(const char *path,
    const struct conf_overrides *overrides, struct conf_errors *errors);

struct sources;

/* The same, which adds the files that it read, or tried to, to *sources. */
struct conf *conf_load_watched(const char *path,
    const struct conf_overrides *overrides, struct sources *sources,
    struct conf_errors *errors);

/*
 * Access log i, up to nsite_logs: [access_log] is the first, those of sites
 * follow.  Only some of them are on.
 */
const struct conf_access_log *conf_log(const struct conf *conf, unsigned i);
bool conf_log_is_on(const struct conf_access_log *log);

/*
 * Checks against this machine what conf_load() cannot: users, roots, folders
 * of logs; and reads the files of secrets.  Changes nothing on the machine.
 * Returns 0, or -1 with lines added to *errors.
 */
int conf_check_system(struct conf *conf, struct conf_errors *errors);

/* One more owner of conf, who frees it too; returns conf. */
struct conf *conf_share(struct conf *conf);
/* The last owner frees *confp; sets it to NULL; NULL is allowed. */
void conf_free(struct conf **confp);

/* Frees the lines. */
void conf_errors_fini(struct conf_errors *errors);

#endif
