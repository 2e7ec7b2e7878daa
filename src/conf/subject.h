/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may see what: the sections [auth] and [role], and what they name. */
#ifndef CONF_SUBJECT_H
#define CONF_SUBJECT_H

#include "conf/origin.h"
#include "core/span.h"
#include "os/vault.h"

/* Longest name of a subject: a user, an API key, a key for URLs. */
#define CONF_SUBJECT_BYTES 128

/* One line of a file of secrets. */
struct conf_secret {
	const char *name;
	/* A hash of crypt(5), the SHA-256 of a key, or a key for URLs. */
	struct span value;
	unsigned line;
};

struct conf_secrets {
	struct conf_secret *items; /* in the order of the file */
	unsigned nitems;
};

/* One [auth:NAME] section.  What is in its files is read apart: secrets.h. */
struct conf_auth {
	const char *name;
	unsigned number;       /* among those of the configuration */
	const char *realm;     /* for people, shown by browsers */
	const char *htpasswd;  /* a path; "" : no passwords */
	const char *api_keys;  /* likewise */
	const char *url_keys;  /* likewise */
	struct span challenge; /* the WWW-Authenticate lines of a 401 */
	struct vault vault;    /* of htpasswd; names and hashes lie in it */
	struct conf_secrets users;
	struct conf_secrets keys;
	struct conf_secrets urls;
	bool is_read; /* the files were, whole */
};

/* One [role:NAME] section. */
struct conf_role {
	const char *name;
	struct conf_list users;
};

#endif
