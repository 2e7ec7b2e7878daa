/* SPDX-License-Identifier: BSD-2-Clause */
/* From a folder to the entries of a listing, a slice at a time. */
#ifndef SERVE_LISTING_READ_H
#define SERVE_LISTING_READ_H

#include "serve/listing.h"

/*
 * Reads a slice: about half a millisecond's worth of what the kernel knows
 * already.  It ends early when the listing is whole, full, or has an error.
 */
void listing_read_slice(struct listing *listing);

/* True while there is more to read before a line can be written. */
static inline bool
listing_read_is_due(const struct listing *listing)
{
	return !listing->whole && !listing->full && listing->error == 0;
}

/* Makes room for the next part; all of this one is written. */
void listing_read_empty(struct listing *listing);

#endif
