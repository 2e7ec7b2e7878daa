/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Eight bytes a step: a multiplication to 128 bits, its halves folded.  The
 * shape is that of wyhash and rapidhash; the quality that matters here is that
 * the key is secret, and so both factors of each step must depend on it.
 */
#include "core/hash.h"

#include <string.h>
#include <sys/random.h>

#define HASH_PRIME_A 0x9e3779b97f4a7c15u
#define HASH_PRIME_B 0xd6e8feb86659fd93u

uint64_t
hash_draw_key(void)
{
	uint64_t key = HASH_PRIME_A;

	/* Without entropy this early the fixed key still makes a hash. */
	(void)!getrandom(&key, sizeof(key), GRND_NONBLOCK);
	return key;
}

static uint64_t
hash_mix(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t
hash_bytes_wide(uint64_t key, const char *bytes, size_t len)
{
	/* A product with what cancels a number that all know would be 0. */
	uint64_t mask = key ^ HASH_PRIME_B;
	uint64_t hash = key ^ len;
	uint64_t word;

	for (; len >= sizeof(word); len -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		hash = hash_mix(word ^ mask, hash ^ HASH_PRIME_A);
		bytes += sizeof(word);
	}
	word = 0;
	for (size_t i = 0; i < len; i++)
		word = word << 8 | (unsigned char)bytes[i];
	return hash_mix(word ^ mask, hash ^ HASH_PRIME_A);
}

uint32_t
hash_bytes(uint64_t key, const char *bytes, size_t len)
{
	uint64_t hash = hash_bytes_wide(key, bytes, len);

	return (uint32_t)(hash ^ hash >> 32);
}
