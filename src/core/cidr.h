/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocks of addresses, as 192.0.2.0/24, and sets of them.
 *
 * Blocks lie inside each other or apart, so a set of them cuts all addresses
 * into ranges, each with the smallest block that holds it: to look an address
 * up is one binary search, however many blocks there are.
 */
#ifndef CORE_CIDR_H
#define CORE_CIDR_H

#include <stdbool.h>

#include "core/address.h"

struct cidr {
	uint8_t family;   /* as of an address; AF_UNSPEC: all there are */
	uint8_t prefix;   /* bits that count, of 32 or 128 */
	uint8_t addr[16]; /* as of an address */
};

/*
 * Reads "192.0.2.0/24", "2001:db8::/32", an address alone, "unix:", or "all".
 * Bits behind the prefix stay, see cidr_is_exact().  What is IPv4-mapped
 * becomes IPv4.  Returns NULL, or what is wrong, static text.
 */
const char *cidr_parse(struct cidr *cidr, struct span text);

/* False when a bit behind the prefix is set: a mistake of somebody. */
bool cidr_is_exact(const struct cidr *cidr);

/* Clears the bits behind the prefix. */
void cidr_mask(struct cidr *cidr);

#define CIDR_TEXT (ADDRESS_TEXT + 4)

/* Writes it as cidr_parse() reads it, with a NUL. */
void cidr_format(const struct cidr *cidr, char out[CIDR_TEXT]);

/* A block of a set, which is exact, and what it says. */
struct cidr_entry {
	struct cidr cidr;
	bool deny;     /* wins over another entry with the same block */
	unsigned item; /* for whoever made the entry */
};

/* The bytes of an address as two numbers, which compare quickly. */
struct cidr_key {
	uint64_t high;
	uint64_t low;
};

/* From first to the next range of the family. */
struct cidr_range {
	struct cidr_key first;
	const struct cidr_entry *entry; /* NULL: no block */
};

struct cidr_ranges {
	const struct cidr_range *items; /* the first of them begins at 0 */
	unsigned nitems;
};

/* Zero is the empty set. */
struct cidr_set {
	struct cidr_ranges v4;
	struct cidr_ranges v6;
	const struct cidr_entry *unix_entry; /* for unix sockets; or NULL */
	bool allows;                         /* some entry does not deny */
};

/* Ranges that a set of n entries has at most. */
#define CIDR_ROOM(n) (4 * (size_t)(n) + 2)

/*
 * Makes a set of n entries, which it sorts.  It borrows them, and room for
 * CIDR_ROOM(n) ranges, as long as it lives.
 */
void cidr_set_make(struct cidr_set *set, struct cidr_entry *entries, unsigned n,
    struct cidr_range *room);

/* The entry with the smallest block that holds address; NULL: none does. */
const struct cidr_entry *cidr_set_find(
    const struct cidr_set *set, const struct address *address);

#endif
