/* SPDX-License-Identifier: BSD-2-Clause */
/* What server.workers = auto and limits.buffers = auto come to. */
#ifndef CONF_WORKERS_H
#define CONF_WORKERS_H

#include "conf/conf.h"

/* What the machine, or the container, lets us use. */
struct workers_room {
	unsigned cores;
	uint64_t memory_bytes;
};

struct workers_room workers_find_room(void);

/*
 * The workers of a configuration: what it says, or for auto one a core, and at
 * least one, but no more than have room in half of the memory.
 */
unsigned workers_count(
    const struct conf *conf, const struct workers_room *room);

/*
 * What each of that many workers may take for buffers: what the configuration
 * says, or for auto its share of a quarter of the memory.
 */
uint64_t workers_buffers_bytes(const struct conf *conf,
    const struct workers_room *room, unsigned nworkers);

#endif
