/* SPDX-License-Identifier: BSD-2-Clause */
/* A listing as JSON: an array with an object for each entry, one a line. */
#ifndef SERVE_LISTING_JSON_H
#define SERVE_LISTING_JSON_H

#include "serve/listing.h"
#include "serve/listing_text.h"

#define LISTING_JSON_STEPS 3

/* One step of writing, as listing_page_step(). */
bool listing_json_step(struct listing *listing, struct listing_text *text);

#endif
