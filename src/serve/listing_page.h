/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A listing as a page for people: listing_page.html, which is a part of the
 * program, with what is in the folder in its gaps.
 *
 * It is whole without its script, and loads nothing.
 */
#ifndef SERVE_LISTING_PAGE_H
#define SERVE_LISTING_PAGE_H

#include "serve/listing.h"
#include "serve/listing_text.h"

/* Six gaps, and what stands before, between and behind them. */
#define LISTING_PAGE_STEPS 13

/*
 * Writes as much of the step listing->step as fits, and counts what is done of
 * it in listing->done.  True when the step is over; false: text is full, or
 * more must be read first.
 */
bool listing_page_step(struct listing *listing, struct listing_text *text);

/* Content-Security-Policy: its style and its script, and nothing else. */
struct span listing_page_policy(void);

/* Different when the page of another release is. */
uint32_t listing_page_version(void);

#endif
