/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/bufpool.h"

void
bufpool_init(struct bufpool *pool, size_t buf_bytes, size_t keep)
{
	slab_init(&pool->slab, sizeof(struct buf) + buf_bytes, keep);
	pool->buf_bytes = buf_bytes;
}

void
bufpool_reserve(struct bufpool *pool, size_t count)
{
	slab_reserve(&pool->slab, count);
}

struct buf *
bufpool_get(struct bufpool *pool)
{
	struct buf *buf = slab_get(&pool->slab);

	if (buf == NULL)
		return NULL;
	buf->cap = pool->buf_bytes;
	buf->pos = 0;
	buf->len = 0;
	return buf;
}

void
bufpool_put(struct bufpool *pool, struct buf **bufp)
{
	struct buf *buf = *bufp;

	*bufp = NULL;
	slab_put(&pool->slab, buf);
}

void
bufpool_fini(struct bufpool *pool)
{
	slab_fini(&pool->slab);
}
