/* SPDX-License-Identifier: BSD-2-Clause */
/* HTTP dates (RFC 9110 5.6.7): written in one form, read in three. */
#ifndef HTTP_DATE_H
#define HTTP_DATE_H

#include <stdint.h>

#include "core/span.h"

/* Length of an IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT". */
#define DATE_IMF_LEN 29

/*
 * Writes seconds since 1970 as IMF-fixdate, without a NUL.  Years 0 to 9999;
 * what lies outside is clamped.
 */
void date_format_imf(char out[DATE_IMF_LEN], int64_t seconds);

/* Length of a time as ISO 8601 has it: "1994-11-06 08:49:37". */
#define DATE_ISO_LEN 19

/*
 * Writes seconds since 1970 in this form, in UTC, with separator between day
 * and hour; clamped likewise.
 */
void date_format_iso(char out[DATE_ISO_LEN], int64_t seconds, char separator);

/*
 * Reads IMF-fixdate, RFC 850 and asctime dates, case-sensitive, the day name
 * checked against the date.  A two-digit year more than 50 years after now is
 * in the past century.  False when it is no date: the field is then ignored.
 */
bool date_parse(struct span text, int64_t now, int64_t *seconds);

#endif
