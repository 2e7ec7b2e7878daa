/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The most memory that a worker can take, from the configuration alone.
 *
 * Everything in a worker has a bound; here they are added up.  What the manual
 * says under MEMORY is this sum.
 */
#ifndef WORKER_FOOTPRINT_H
#define WORKER_FOOTPRINT_H

#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"

/* Requests in flight that so much memory for buffers allows; at least some. */
size_t footprint_exchanges(const struct conf *conf, uint64_t buffers_bytes);

/* What these take. */
uint64_t footprint_buffers_bytes(
    const struct conf *conf, uint64_t buffers_bytes);

/* All that a worker can take, but for the manifests of its sites. */
uint64_t footprint_bytes(const struct conf *conf, uint64_t buffers_bytes);

#endif
