/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/buddy.h"

#include <assert.h>
#include <sys/mman.h>

#define BUDDY_PAGE_BYTES 4096

/*
 * The state of the first unit of a block: FREE and its order, or its order
 * alone.  Other units are 0; order + 1 is kept so that no first unit is.
 */
#define BUDDY_FREE 0x80

struct buddy_block {
	struct buddy_block *next;
	struct buddy_block **prev; /* what points to this block */
};

static size_t
buddy_unit(const struct buddy *buddy, const void *block)
{
	return (size_t)((const char *)block - buddy->arena) / BUDDY_MIN_BYTES;
}

static void
buddy_push(struct buddy *buddy, void *at, unsigned order)
{
	struct buddy_block *block = at;

	block->next = buddy->free[order];
	block->prev = &buddy->free[order];
	if (block->next != NULL)
		block->next->prev = &block->next;
	buddy->free[order] = block;
	buddy->states[buddy_unit(buddy, at)] =
	    (uint8_t)(BUDDY_FREE | (order + 1));
}

static void
buddy_unlink(struct buddy_block *block)
{
	*block->prev = block->next;
	if (block->next != NULL)
		block->next->prev = block->prev;
}

static unsigned
buddy_order(size_t len)
{
	unsigned order = 0;

	while (((size_t)BUDDY_MIN_BYTES << order) < len)
		order++;
	return order;
}

/* Cuts the arena into the largest blocks that are aligned to their size. */
static void
buddy_fill(struct buddy *buddy)
{
	size_t at = 0;

	while (at < buddy->arena_bytes) {
		unsigned order = BUDDY_ORDERS - 1;

		while (at % ((size_t)BUDDY_MIN_BYTES << order) != 0 ||
		       buddy->arena_bytes - at <
			   ((size_t)BUDDY_MIN_BYTES << order))
			order--;
		buddy_push(buddy, buddy->arena + at, order);
		at += (size_t)BUDDY_MIN_BYTES << order;
	}
}

int
buddy_init(struct buddy *buddy, size_t bytes)
{
	size_t rest = bytes % BUDDY_PAGE_BYTES;
	void *map;

	*buddy = (struct buddy){ 0 };
	if (bytes == 0)
		return 0;
	if (rest != 0)
		bytes += BUDDY_PAGE_BYTES - rest;
	map = mmap(NULL, bytes + bytes / BUDDY_MIN_BYTES,
	    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return -1;
	buddy->arena = map;
	buddy->states = (uint8_t *)map + bytes;
	buddy->arena_bytes = bytes;
	buddy_fill(buddy);
	return 0;
}

void *
buddy_get(struct buddy *buddy, size_t len)
{
	unsigned want = buddy_order(len);
	unsigned order = want;
	struct buddy_block *block;

	while (order < BUDDY_ORDERS && buddy->free[order] == NULL)
		order++;
	if (order >= BUDDY_ORDERS)
		return NULL;
	block = buddy->free[order];
	buddy_unlink(block);
	while (order > want) {
		order--;
		buddy_push(buddy,
		    (char *)block + ((size_t)BUDDY_MIN_BYTES << order), order);
	}
	buddy->states[buddy_unit(buddy, block)] = (uint8_t)(want + 1);
	buddy->used_bytes += (size_t)BUDDY_MIN_BYTES << want;
	return block;
}

void
buddy_put(struct buddy *buddy, void *block, size_t len)
{
	unsigned order = buddy_order(len);
	size_t unit = buddy_unit(buddy, block);
	size_t nunits = buddy->arena_bytes / BUDDY_MIN_BYTES;

	assert(buddy->states[unit] == order + 1);
	buddy->used_bytes -= (size_t)BUDDY_MIN_BYTES << order;
	while (order + 1 < BUDDY_ORDERS) {
		size_t other = unit ^ ((size_t)1 << order);
		char *buddy_at = buddy->arena + other * BUDDY_MIN_BYTES;

		/* A block may lack its other half at the arena's end. */
		if (other >= nunits ||
		    buddy->states[other] != (BUDDY_FREE | (order + 1)))
			break;
		buddy_unlink((struct buddy_block *)(void *)buddy_at);
		buddy->states[other] = 0;
		buddy->states[unit] = 0;
		unit &= ~((size_t)1 << order);
		order++;
	}
	buddy_push(buddy, buddy->arena + unit * BUDDY_MIN_BYTES, order);
}

void
buddy_fini(struct buddy *buddy)
{
	assert(buddy->used_bytes == 0);
	if (buddy->arena != NULL)
		/* Fails only for an address that was never mapped. */
		(void)munmap(buddy->arena,
		    buddy->arena_bytes + buddy->arena_bytes / BUDDY_MIN_BYTES);
	*buddy = (struct buddy){ 0 };
}
