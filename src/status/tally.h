/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many connections of each client a worker has: a part of the ledger.
 *
 * Each worker writes its own alone, with plain stores, and reads those of all
 * others.  When it dies its pid leaves the board, and with that nothing that it
 * had counts any more: nobody needs to give it back.
 */
#ifndef STATUS_TALLY_H
#define STATUS_TALLY_H

#include "status/ledger.h"

struct tally {
	int32_t owner;   /* the process whose it is; 0: nobody's */
	uint32_t wanted; /* idle connections that others want it to close */
	int64_t idle_ms; /* since when its oldest one idles; 0: none does */
	uint64_t reserved[6];
	uint64_t slots[]; /* of clients: key, and a count in 16 bits */
};

/* Begins anew for the calling process, which has this place on the board. */
struct tally *tally_begin(const struct ledger *ledger, unsigned place);

/*
 * Counts one more connection of the client with this key.  Returns what takes
 * it back; 0: there is no room, so that it does not count.
 */
uint32_t tally_add(
    const struct ledger *ledger, struct tally *tally, uint64_t key);

/* Takes one back. */
void tally_remove(struct tally *tally, uint32_t slot);

/* Connections of a client, of all workers that are on the board. */
uint64_t tally_sum(
    const struct ledger *ledger, const struct board *board, uint64_t key);

/* All connections of all workers that are on the board. */
uint64_t tally_sum_open(const struct board *board);

/*
 * Wants another worker on the board, the one whose connection has idled
 * longest, to close that; false when no other has one.  It is still to be told.
 */
bool tally_want(const struct ledger *ledger, const struct board *board,
    const struct tally *own);

/* How many the process at a place is to close. */
uint32_t tally_wanted(const struct ledger *ledger, unsigned place);

/* The same for our own, which it begins to do. */
uint32_t tally_take_wanted(struct tally *own);

#endif
