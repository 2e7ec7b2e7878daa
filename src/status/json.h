/* SPDX-License-Identifier: BSD-2-Clause */
/* The status as JSON: for the page and for programs; see tined(8), STATUS. */
#ifndef STATUS_JSON_H
#define STATUS_JSON_H

#include "status/snapshot.h"
#include "status/writer.h"

/*
 * Writes all of it.  Processes that there is no room for are left out and
 * counted as "left_out".
 */
void json_write(struct writer *writer, const struct snapshot *snapshot);

#endif
