/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one path of a page that has several (site.canonical).
 *
 * A request is redirected only to a path for which the same file would be
 * found, and which is itself the one of that file: so there is no loop.
 */
#ifndef SERVE_CANONICAL_H
#define SERVE_CANONICAL_H

#include "serve/locate.h"

/* Where paths are tried out. */
struct canonical {
	char path[RESOURCE_PATH_BYTES];
	char other[RESOURCE_PATH_BYTES];
};

/*
 * True when the file that a search found belongs to another path than the one
 * that was asked for, which is then *path, in canonical->path.  Otherwise the
 * search is as it was, but for its resource having been looked up again.
 */
bool canonical_differs(
    struct canonical *canonical, struct locate *search, struct span *path);

/*
 * The same for a search for a folder that found nothing: true when there is a
 * file for the path without its slash, which search->found names then.
 */
bool canonical_lacks_slash(
    struct canonical *canonical, struct locate *search, struct span *path);

#endif
