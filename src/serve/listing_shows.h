/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a listing shows: nothing that a request for it would not get.
 *
 * The one place for such rules.
 */
#ifndef SERVE_LISTING_SHOWS_H
#define SERVE_LISTING_SHOWS_H

#include "serve/listing.h"

/*
 * True when a name of the listing's folder is shown: *st then describes what it
 * leads to.  The work is added to listing->work: 1 for a plain file or folder,
 * 8 for a symbolic link.
 */
bool listing_shows_name(
    struct listing *listing, struct span name, struct folder_stat *st);

#endif
