/* SPDX-License-Identifier: BSD-2-Clause */
/* The status for people: what /status says and `tined -s status` prints. */
#ifndef STATUS_TEXT_H
#define STATUS_TEXT_H

#include "status/snapshot.h"
#include "status/writer.h"

/* Writes all of it; processes that there is no room for are only counted. */
void text_write(struct writer *writer, const struct snapshot *snapshot);

#endif
