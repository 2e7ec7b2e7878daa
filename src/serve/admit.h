/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a client may have a path: by its address, then by what it knows. */
#ifndef SERVE_ADMIT_H
#define SERVE_ADMIT_H

#include "serve/auth.h"

/* Whom to let in; all borrowed. */
struct admit {
	struct auth *auth;
	const struct address *client;
	struct auth_asked asked;
};

/*
 * True when the client may have what the sections in matched are about.
 * Otherwise *reply says why not.
 */
bool admit_client(
    const struct admit *admit, uint64_t matched, struct reply *reply);

#endif
