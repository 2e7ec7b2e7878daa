/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The status for Prometheus: its text format 0.0.4.
 *
 * Names and labels come from tables here and in http/, never from a client, so
 * the number of series is bounded: by the slots, which are 256 at most.
 */
#ifndef STATUS_METRICS_H
#define STATUS_METRICS_H

#include "status/snapshot.h"
#include "status/writer.h"

#define METRICS_TYPE SPAN("text/plain; version=0.0.4; charset=utf-8")

/* Writes all of it. */
void metrics_write(struct writer *writer, const struct snapshot *snapshot);

#endif
