/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What all workers know of clients together: how much each has asked for, and
 * how many connections of each a worker has.
 *
 * A file without a name (memfd_create) like the board, of a size that never
 * changes, which survives reloads, workers and upgrades.  Nobody ever waits for
 * a lock, because there is none: a process may be killed at any instruction,
 * and what it leaves behind is whole.
 *
 * A client is known by a keyed hash of 62 bits.  The tables are small parts, in
 * one of which a client must find room; a client that asks for much cannot
 * choose which, since the key is secret.
 */
#ifndef STATUS_LEDGER_H
#define STATUS_LEDGER_H

#include <stddef.h>

#include "core/address.h"
#include "core/counters.h"
#include "core/gcra.h"
#include "status/board.h"

/* To be raised with every change of the structs below. */
#define LEDGER_LAYOUT 1

/* Clients that share a part of the table. */
#define LEDGER_WAYS 8

/* A client that asks, as seen by one limit. */
struct ledger_entry {
	uint64_t key;     /* 0: free */
	uint64_t even_ns; /* as core/gcra.h has it */
};

struct ledger_bucket {
	struct ledger_entry entries[LEDGER_WAYS];
};

struct ledger_head {
	char magic[8];
	uint32_t layout;  /* LEDGER_LAYOUT */
	uint32_t clients; /* a power of two */
	uint64_t secret;
};

/* As it is mapped.  Zero is none.  What is copied nobody else can change. */
struct ledger {
	struct ledger_head *head;
	uint64_t secret;  /* copied */
	uint32_t clients; /* likewise */
	struct ledger_bucket *buckets;
	char *tallies; /* one for each place of the board; see status/tally.h */
	size_t tally_bytes;
	size_t bytes;
};

/* Clients of a table that is to have room for so many: a power of two. */
uint32_t ledger_clients(uint64_t wanted);

/*
 * Makes an empty ledger with room for clients of each kind.  *fd is its
 * descriptor, which the caller owns.  0, or -1 with errno.
 */
int ledger_create(struct ledger *ledger, uint32_t clients, int *fd);

/*
 * Maps the ledger of another process that fd is of.  0, or -1 with errno
 * EPROTO: it has another layout, or room for another number of clients.
 */
int ledger_adopt(struct ledger *ledger, uint32_t clients, int fd);

/* Unmaps it; it is zero then. */
void ledger_unmap(struct ledger *ledger);

/*
 * What a client is known by.  An IPv6 address stands for its /64, since who has
 * one has all of these.  purpose tells limits of one client apart.
 */
uint64_t ledger_key(const struct ledger *ledger, const struct address *client,
    uint64_t purpose);

/*
 * Asks for one more request of the client with this key: 0, or how long it has
 * to wait.  Exact, however many processes ask at once.  Who finds no room takes
 * that of the client in its part that has asked for least; *counters hears when
 * that was still to be remembered, and when no room was to be had: then
 * nothing is limited.
 */
uint64_t ledger_take(const struct ledger *ledger, uint64_t key,
    const struct gcra *limit, uint64_t now_ns, struct counters *counters);

#endif
