/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Field blocks that were parsed before, so that they need not be again.
 *
 * On a kept connection a browser sends much the same fields each time, byte
 * for byte.  A block is the bytes from behind the request line to the end of
 * the head; one that http-parser accepted is kept with what was found in it.
 * It is found by a keyed hash or as the last one used, and counts only when
 * every byte is the same.
 */
#ifndef HTTP_MEMO_H
#define HTTP_MEMO_H

#include "http/request.h"

/* A longer block is not kept; one has room for all fields that it can have. */
#define MEMO_BLOCK_BYTES 2040
#define MEMO_VALUES      16

struct memo_value {
	uint16_t at; /* in the block */
	uint16_t len;
	uint16_t field; /* enum field */
};

struct memo_block {
	uint32_t hash;
	uint16_t len; /* 0: empty */
	uint16_t nvalues;
	uint16_t host_at;
	uint16_t host_len;
	uint32_t nfields;
	bool keep_alive;
	bool expect_continue;
	struct memo_value values[MEMO_VALUES];
	char bytes[MEMO_BLOCK_BYTES];
};

struct memo {
	struct memo_block *blocks;
	uint32_t nblocks; /* a power of two; 0: nothing is kept */
	uint32_t last;    /* the block that was found last */
	uint64_t hash_key;
	uint32_t sought_hash; /* of what memo_find() looked for last */
	size_t sought_len;
	uint64_t hits;
	uint64_t misses;
};

/*
 * Makes room for nblocks blocks, rounded up to a power of two; 0 keeps none.
 * Returns 0, or -1 with errno ENOMEM.
 */
int memo_init(struct memo *memo, unsigned nblocks);

/*
 * Looks for the block at the start of the len bytes at data, which lie in the
 * request's data.  When it is known, fills in what the fields say, but not
 * head_len, and returns its length; otherwise 0.
 */
size_t memo_find(
    struct memo *memo, struct request *request, const char *data, size_t len);

/*
 * Keeps the block of len bytes at data, which is all the fields of a request
 * that was accepted.  Passes over what it cannot keep.
 */
void memo_keep(struct memo *memo, const struct request *request,
    const char *data, size_t len);

void memo_fini(struct memo *memo);

#endif
