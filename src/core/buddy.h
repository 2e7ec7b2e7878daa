/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A buddy allocator over one mapped arena: the memory of cached bodies.
 *
 * The arena is reserved once and touched only where it is used, so its bound
 * is exact, its cost follows the use, and the heap is never asked again.
 * Blocks are powers of two from BUDDY_MIN_BYTES up; getting and giving back
 * cost O(log n).  Not thread-safe.
 */
#ifndef CORE_BUDDY_H
#define CORE_BUDDY_H

#include <stddef.h>
#include <stdint.h>

#define BUDDY_MIN_BYTES 256
#define BUDDY_ORDERS    16 /* so the largest block has 8 MiB */

struct buddy_block;

struct buddy {
	char *arena;
	uint8_t *states; /* of each block of BUDDY_MIN_BYTES; mapped behind */
	size_t arena_bytes;
	size_t used_bytes; /* in blocks that are out */
	struct buddy_block *free[BUDDY_ORDERS];
};

/*
 * Maps an arena of bytes, rounded up to whole pages.  0 makes one that never
 * has room.  Returns 0, or -1 with errno.
 */
int buddy_init(struct buddy *buddy, size_t bytes);

/* A block for len bytes, or NULL when there is none. */
void *buddy_get(struct buddy *buddy, size_t len);

/* Takes a block back that was asked for with this len. */
void buddy_put(struct buddy *buddy, void *block, size_t len);

/* Unmaps the arena.  Every block must be back by now. */
void buddy_fini(struct buddy *buddy);

#endif
