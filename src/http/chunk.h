/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The chunks of a body whose length nobody knows when it begins (RFC 9112 7.1).
 *
 * The size stands before the bytes, so room is kept for it until they are
 * there.
 */
#ifndef HTTP_CHUNK_H
#define HTTP_CHUNK_H

#include <stdbool.h>

#include "core/bufpool.h"

/* Bytes round those of a chunk, with the end of the body behind it. */
#define CHUNK_FRAME_BYTES 13

/* Most bytes in one, since its size has four digits. */
#define CHUNK_BYTES 0xffff

/* How many bytes a chunk at the end of buf can have; they begin at chunk_at().
 */
size_t chunk_room(const struct buf *buf);
char *chunk_at(struct buf *buf);

/*
 * Makes the len bytes that stand there a chunk of buf, and ends the body behind
 * them if last says so.  len 0 adds no chunk.
 */
void chunk_add(struct buf *buf, size_t len, bool last);

#endif
