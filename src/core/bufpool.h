/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Equal-sized I/O buffers from a freelist, one pool per worker.
 *
 * A connection holds a buffer only while a request is in flight, so memory
 * follows the busy connections and not the open ones.
 */
#ifndef CORE_BUFPOOL_H
#define CORE_BUFPOOL_H

#include <stddef.h>

#include "core/slab.h"

struct buf {
	size_t cap; /* bytes in data[], fixed at birth */
	size_t pos; /* bytes already consumed, never above len */
	size_t len; /* bytes filled, never above cap */
	char data[];
};

struct bufpool {
	struct slab slab;
	size_t buf_bytes; /* of data[] in each buffer */
};

/* Makes an empty pool that holds at most keep buffers on its freelist. */
void bufpool_init(struct bufpool *pool, size_t buf_bytes, size_t keep);

/* As slab_reserve(). */
void bufpool_reserve(struct bufpool *pool, size_t count);

/*
 * Lends an empty buffer; the caller owns it until bufpool_put().
 * Returns NULL, errno ENOMEM, when there is no memory for a new one.
 */
struct buf *bufpool_get(struct bufpool *pool);

/* Takes *bufp back, to the pool that lent it, and sets it to NULL. */
void bufpool_put(struct bufpool *pool, struct buf **bufp);

/* Frees the freelist.  Every lent buffer must be back by now. */
void bufpool_fini(struct bufpool *pool);

#endif
