/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where else a client should go: the Location of an answer.
 *
 * What is put together here begins with exactly one slash, or with a scheme
 * and a host of the configuration; nothing that a client sends can be a host.
 */
#ifndef SERVE_REDIRECT_H
#define SERVE_REDIRECT_H

#include "http/request.h"
#include "serve/reply.h"

struct redirect {
	char location[3 * RESOURCE_PATH_BYTES];
};

/*
 * Makes *reply a 301 to path, decoded, with a slash behind it if that is
 * wanted, and the query of the request.  414 when it is too long.
 */
void redirect_to_path(struct redirect *redirect, struct span path, bool slash,
    struct span query, struct reply *reply);

/*
 * Makes *reply what a rule of [redirect] says of path, decoded; false when none
 * says something.  414 when the Location is too long.
 */
bool redirect_by_rule(struct redirect *redirect, const struct site *site,
    struct span path, struct span query, struct reply *reply);

/*
 * Makes *reply a 301 to the first host of the site, with the path, the query
 * and the port of the request.  414 likewise.
 */
void redirect_to_host(struct redirect *redirect, const struct site *site,
    const struct request *request, struct reply *reply);

#endif
