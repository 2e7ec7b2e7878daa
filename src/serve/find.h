/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is served for a path that was decoded and may be shown: redirects, then
 * rewrites, then the try list, then the one path of a page, then the fallback.
 */
#ifndef SERVE_FIND_H
#define SERVE_FIND_H

#include "serve/admit.h"
#include "serve/canonical.h"
#include "serve/fallback.h"
#include "serve/redirect.h"

struct find {
	struct redirect redirect;
	struct canonical canonical;
	enum fallback fallback; /* of the last request */
	bool lists; /* the answer is the list of the folder that was found */
	char rewritten[RESOURCE_PATH_BYTES]; /* what is looked up instead */
	char other[RESOURCE_PATH_BYTES];     /* see struct locate */
};

/*
 * Finds what is served for search->path; its resource and uri_error may say
 * what that stands for itself, and its tries and other are set here.  NULL
 * after an answer in *reply that is no file, or with lists when it has to be
 * the list of search->found.  What is found is lent until the next look into
 * the cache.
 */
const struct resource *find_resource(struct find *find,
    const struct admit *admit, struct locate *search, struct reply *reply);

#endif
