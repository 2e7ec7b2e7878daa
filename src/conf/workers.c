/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/workers.h"

#include "os/process.h"

/*
 * What a worker needs beside cache.memory: its tables, and the buffers of some
 * hundred connections.  With limits and caches as they are by default it was
 * 15 MiB.
 */
#define WORKERS_BYTES (UINT64_C(16) << 20)

struct workers_room
workers_find_room(void)
{
	return (struct workers_room){ process_usable_cores(),
		process_usable_memory_bytes() };
}

unsigned
workers_count(const struct conf *conf, const struct workers_room *room)
{
	uint64_t fit =
	    room->memory_bytes / 2 / (WORKERS_BYTES + conf->cache.memory_bytes);

	if (conf->server.workers != 0)
		return (unsigned)conf->server.workers;
	if (fit == 0)
		return 1;
	return fit < room->cores ? (unsigned)fit : room->cores;
}

uint64_t
workers_buffers_bytes(
    const struct conf *conf, const struct workers_room *room, unsigned nworkers)
{
	if (conf->limits.buffers_bytes != 0)
		return conf->limits.buffers_bytes;
	return room->memory_bytes / 4 / nworkers;
}
