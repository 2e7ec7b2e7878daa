/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text for the pages that list a folder: names of files may hold any byte, and
 * what is written of them must mean nothing but themselves.
 *
 * Whoever writes sees first that there is room; what does not fit is a mistake
 * of ours.
 */
#ifndef SERVE_LISTING_TEXT_H
#define SERVE_LISTING_TEXT_H

#include <stdint.h>

#include "core/span.h"

/* Where text goes. */
struct listing_text {
	char *at;
	char *end;
};

/* Most bytes that one byte of a name becomes in HTML, JSON or a link. */
#define LISTING_TEXT_GROWTH 6

static inline size_t
listing_text_room(const struct listing_text *text)
{
	return (size_t)(text->end - text->at);
}

void listing_text_put(struct listing_text *text, struct span bytes);
void listing_text_put_number(struct listing_text *text, uint64_t number);

/* The time of a file, in whole seconds, as date_format_iso() says. */
void listing_text_put_time(
    struct listing_text *text, int64_t mtime_ns, char separator);

/* "999 B", "1.5 KiB", "120 MiB": three digits are enough to compare. */
void listing_text_put_size(struct listing_text *text, uint64_t bytes);

/*
 * Text of a page.  What is not UTF-8, and characters that turn the direction of
 * others or end a line, become U+FFFD.
 */
void listing_text_put_html(struct listing_text *text, struct span bytes);

/* The inside of a JSON string.  What is not UTF-8 becomes U+FFFD. */
void listing_text_put_json(struct listing_text *text, struct span bytes);

/* A link to a name beside this page; a colon in it ends no scheme. */
void listing_text_put_link(struct listing_text *text, struct span name);

#endif
