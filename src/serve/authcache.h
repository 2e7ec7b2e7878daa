/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Passwords that were judged lately, so that they need not be again.
 *
 * What is kept of one is a tag: a keyed hash of all that was sent, under a key
 * that this worker drew.  All memory is taken at start; a full set gives up
 * what is oldest.
 */
#ifndef SERVE_AUTHCACHE_H
#define SERVE_AUTHCACHE_H

#include <stdbool.h>
#include <stdint.h>

#define AUTHCACHE_TAG_BYTES 16

struct authcache_row {
	unsigned char tag[AUTHCACHE_TAG_BYTES];
	int64_t until_ms; /* 0: empty */
};

struct authcache {
	struct authcache_row *rows;
	uint32_t nsets; /* a power of two */
	int64_t keep_ms;
};

/* Room for nrows, a power of two, each for keep_ms.  0, or -1 with errno. */
int authcache_init(struct authcache *cache, uint32_t nrows, int64_t keep_ms);

bool authcache_has(
    const struct authcache *cache, const unsigned char *tag, int64_t now_ms);

/* Adds a tag, or begins its time anew. */
void authcache_add(
    struct authcache *cache, const unsigned char *tag, int64_t now_ms);

/* Also after an authcache_init() that failed, or never was. */
void authcache_fini(struct authcache *cache);

#endif
