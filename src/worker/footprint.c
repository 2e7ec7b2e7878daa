/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker/footprint.h"

#include <event2/event_struct.h>
#include <stdbool.h>

#include "core/buddy.h"
#include "http/memo.h"
#include "os/helpers.h"
#include "serve/authcache.h"
#include "serve/dirwatch.h"
#include "serve/errand.h"
#include "serve/filecache.h"
#include "serve/listing.h"
#include "worker/conn.h"
#include "worker/exchange.h"

/* The program itself: its stack, its tables, what libraries take. */
#define FOOTPRINT_BASE_BYTES (UINT64_C(4) << 20)

/* Of libevent, for a descriptor: it and the kernel's answers about it. */
#define FOOTPRINT_EVENT_BYTES 96

/* With fewer a worker could not even refuse. */
#define FOOTPRINT_EXCHANGES_MIN 4

static uint64_t
footprint_exchange_bytes(const struct conf *conf)
{
	return sizeof(struct exchange) +
	       EXCHANGE_BUFS * (sizeof(struct buf) + engine_buf_bytes(conf));
}

size_t
footprint_exchanges(const struct conf *conf, uint64_t buffers_bytes)
{
	uint64_t n = buffers_bytes / footprint_exchange_bytes(conf);

	if (n > conf->limits.connections)
		n = conf->limits.connections;
	return n < FOOTPRINT_EXCHANGES_MIN ? FOOTPRINT_EXCHANGES_MIN
					   : (size_t)n;
}

uint64_t
footprint_buffers_bytes(const struct conf *conf, uint64_t buffers_bytes)
{
	return footprint_exchanges(conf, buffers_bytes) *
	       footprint_exchange_bytes(conf);
}

static uint64_t
footprint_cache_bytes(const struct conf *conf)
{
	const struct conf_cache *cache = &conf->cache;
	uint64_t nslots = cache->files + cache->missing;

	return cache->memory_bytes + cache->memory_bytes / BUDDY_MIN_BYTES +
	       nslots * (sizeof(struct filecache_slot) + 2 * sizeof(uint32_t)) +
	       CODING_COUNT * cache->files * sizeof(struct file) +
	       cache->files / 4 * sizeof(struct dirwatch_dir) +
	       cache->heads * sizeof(struct memo_block);
}

static uint64_t
footprint_listings_bytes(const struct conf *conf)
{
	bool lists = false;

	for (unsigned i = 0; i < conf->nsites; i++)
		lists = lists || conf->sites[i].listing != 0;
	for (unsigned i = 0; i < conf->nmatches; i++)
		lists = lists || conf->matches[i].listing == CONF_LISTING_ON;
	return !lists ? 0
		      : LISTING_COUNT * conf->limits.listing_bytes +
			    conf->limits.connections * sizeof(struct listing);
}

static uint64_t
footprint_disk_bytes(const struct conf *conf)
{
	return conf->server.disk_threads == 0
		   ? 0
		   : conf->server.disk_threads * HELPERS_STACK_BYTES +
			 ERRAND_COUNT *
			     (sizeof(struct errand) + engine_buf_bytes(conf));
}

static uint64_t
footprint_logs_bytes(const struct conf *conf)
{
	uint64_t bytes = 0;

	for (unsigned i = 0; i <= conf->nsite_logs; i++)
		if (conf_log_is_on(conf_log(conf, i)))
			bytes += conf_log(conf, i)->buffer_bytes;
	return bytes;
}

uint64_t
footprint_bytes(const struct conf *conf, uint64_t buffers_bytes)
{
	uint64_t nconns = conf->limits.connections + ENGINE_ADMIN_CONNS;

	return FOOTPRINT_BASE_BYTES +
	       footprint_buffers_bytes(conf, buffers_bytes) +
	       ENGINE_ADMIN_CONNS * footprint_exchange_bytes(conf) +
	       nconns * sizeof(struct conn) +
	       (nconns + conf->cache.files) * FOOTPRINT_EVENT_BYTES +
	       footprint_cache_bytes(conf) + footprint_listings_bytes(conf) +
	       footprint_disk_bytes(conf) + footprint_logs_bytes(conf);
}
