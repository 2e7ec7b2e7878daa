/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The status page: one file, page.html, which is a part of the program.
 *
 * It loads nothing but status.json, and what it may do stands in its fields:
 * the style and the script that it has, by their hashes, and nothing else.
 */
#ifndef STATUS_PAGE_H
#define STATUS_PAGE_H

#include "core/span.h"

/* The page, in UTF-8. */
struct span page_html(void);

/* Field lines for its head, each with its CR LF. */
struct span page_fields(void);

#endif
