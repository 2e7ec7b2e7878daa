/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which page a site shows for a status of 400 and above.
 *
 * A page is a file of the site like any other, found by the file cache; only
 * its path is known here.
 */
#ifndef SERVE_ERRORPAGES_H
#define SERVE_ERRORPAGES_H

#include <stdbool.h>

#include "conf/conf.h"

/* Enough for "/404/index.html". */
#define ERRORPAGES_FOLDER_BYTES 24

struct errorpages {
	const struct conf_error_pages *conf; /* borrowed; NULL: none at all */
	unsigned char page[200]; /* of each status: 1 + its place; 0: none */
};

/* Makes the pages ready; conf may be NULL. */
void errorpages_init(
    struct errorpages *pages, const struct conf_error_pages *conf);

static inline bool
errorpages_are_on(const struct errorpages *pages)
{
	return pages->conf != NULL;
}

/* What the configuration says of a status of 400 and above; NULL: nothing. */
const struct conf_pair *errorpages_find(
    const struct errorpages *pages, int status);

/*
 * The path of the page of a status, perhaps written into folder.  NULL: the
 * page that is built in.
 */
const char *errorpages_path(const struct errorpages *pages, int status,
    char folder[ERRORPAGES_FOLDER_BYTES]);

#endif
