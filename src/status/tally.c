/* SPDX-License-Identifier: BSD-2-Clause */
#include "status/tally.h"

#include <string.h>
#include <unistd.h>

/*
 * A client is in one of so many slots from its first on.  With half of all
 * slots in use, one of a million clients finds none of its own free.
 */
#define TALLY_WINDOW 64

/* The bits of a slot that count; the others are those of the key. */
#define TALLY_COUNT UINT64_C(0xffff)

static struct tally *
tally_at(const struct ledger *ledger, unsigned place)
{
	return (void *)(ledger->tallies + place * ledger->tally_bytes);
}

/* The slot that is number i for a key. */
static uint32_t
tally_probe(const struct ledger *ledger, uint64_t key, unsigned i)
{
	return (uint32_t)((key >> 20) + i) & (ledger->clients - 1);
}

static uint64_t
tally_load(const struct tally *tally, uint32_t slot)
{
	return __atomic_load_n(&tally->slots[slot], __ATOMIC_SEQ_CST);
}

static void
tally_store(struct tally *tally, uint32_t slot, uint64_t value)
{
	__atomic_store_n(&tally->slots[slot], value, __ATOMIC_SEQ_CST);
}

struct tally *
tally_begin(const struct ledger *ledger, unsigned place)
{
	struct tally *tally = tally_at(ledger, place);

	__atomic_store_n(&tally->owner, 0, __ATOMIC_SEQ_CST);
	memset(tally, 0, ledger->tally_bytes);
	__atomic_store_n(&tally->owner, getpid(), __ATOMIC_SEQ_CST);
	return tally;
}

uint32_t
tally_add(const struct ledger *ledger, struct tally *tally, uint64_t key)
{
	uint64_t name = key & ~TALLY_COUNT, free_slot = UINT64_MAX;

	for (unsigned i = 0; i < TALLY_WINDOW; i++) {
		uint32_t slot = tally_probe(ledger, key, i);
		uint64_t value = tally_load(tally, slot);

		if ((value & ~TALLY_COUNT) == name) {
			if ((value & TALLY_COUNT) == TALLY_COUNT)
				return 0;
			tally_store(tally, slot, value + 1);
			return slot + 1;
		}
		if (free_slot == UINT64_MAX && (value & TALLY_COUNT) == 0)
			free_slot = slot;
		if (value == 0)
			break; /* nothing was ever behind it */
	}
	if (free_slot == UINT64_MAX)
		return 0;
	tally_store(tally, (uint32_t)free_slot, name | 1);
	return (uint32_t)free_slot + 1;
}

void
tally_remove(struct tally *tally, uint32_t slot)
{
	tally_store(tally, slot - 1, tally_load(tally, slot - 1) - 1);
}

/* Whether the process of a place is there, and its tally is its own. */
static bool
tally_is_live(
    const struct ledger *ledger, const struct board *board, unsigned place)
{
	int32_t pid =
	    __atomic_load_n(&board->places[place].pid, __ATOMIC_SEQ_CST);

	return pid != 0 && __atomic_load_n(&tally_at(ledger, place)->owner,
			       __ATOMIC_SEQ_CST) == pid;
}

static uint64_t
tally_count(
    const struct ledger *ledger, const struct tally *tally, uint64_t key)
{
	for (unsigned i = 0; i < TALLY_WINDOW; i++) {
		uint64_t value = tally_load(tally, tally_probe(ledger, key, i));

		if ((value & ~TALLY_COUNT) == (key & ~TALLY_COUNT))
			return value & TALLY_COUNT;
		if (value == 0)
			break;
	}
	return 0;
}

uint64_t
tally_sum(const struct ledger *ledger, const struct board *board, uint64_t key)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < board->nplaces; i++)
		if (tally_is_live(ledger, board, i))
			sum += tally_count(ledger, tally_at(ledger, i), key);
	return sum;
}

uint64_t
tally_sum_open(const struct board *board)
{
	uint64_t sum = 0;

	/* What was counted before this is seen by whoever counts later. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (uint32_t i = 0; i < board->nplaces; i++)
		if (board->places[i].pid != 0)
			sum += __atomic_load_n(
			    &board->counters[i].now.open, __ATOMIC_SEQ_CST);
	return sum;
}

/* Idle connections of a place that nobody wants closed yet. */
static bool
tally_has_idle(
    const struct ledger *ledger, const struct board *board, unsigned place)
{
	return __atomic_load_n(
		   &board->counters[place].now.waiting[COUNTERS_WAIT_KEEPALIVE],
		   __ATOMIC_SEQ_CST) > tally_wanted(ledger, place);
}

bool
tally_want(const struct ledger *ledger, const struct board *board,
    const struct tally *own)
{
	struct tally *oldest = NULL;

	for (uint32_t i = 0; i < board->nplaces; i++) {
		struct tally *tally = tally_at(ledger, i);

		if (tally != own && tally_is_live(ledger, board, i) &&
		    tally_has_idle(ledger, board, i) &&
		    (oldest == NULL || tally->idle_ms < oldest->idle_ms))
			oldest = tally;
	}
	if (oldest == NULL)
		return false;
	(void)__atomic_add_fetch(&oldest->wanted, 1, __ATOMIC_SEQ_CST);
	return true;
}

uint32_t
tally_wanted(const struct ledger *ledger, unsigned place)
{
	return __atomic_load_n(
	    &tally_at(ledger, place)->wanted, __ATOMIC_SEQ_CST);
}

uint32_t
tally_take_wanted(struct tally *own)
{
	return __atomic_exchange_n(&own->wanted, 0, __ATOMIC_SEQ_CST);
}
