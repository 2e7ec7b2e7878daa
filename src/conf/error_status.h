/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which statuses a site can show a page of its own for.
 *
 * Those that people see while the site is known.  A malformed request has no
 * site (400, 414, 431 ...), and conditions and ranges that cannot be met are
 * the business of programs (412, 416).
 */
#ifndef CONF_ERROR_STATUS_H
#define CONF_ERROR_STATUS_H

#include <stdbool.h>

#include "core/span.h"

bool error_status_has_page(unsigned status);

/* Judges "404", "4xx".  NULL, or what is wrong with it, static text. */
const char *error_status_check(struct span name);

#endif
