/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A look at the board, from which every form of the status is written.
 *
 * Taken in one go, so that the numbers of one answer belong together as far as
 * they can, while all processes go on counting.
 */
#ifndef STATUS_SNAPSHOT_H
#define STATUS_SNAPSHOT_H

#include "core/clock.h"
#include "core/counters.h"
#include "status/board.h"

/* What the live processes of a slot have now, added up. */
struct snapshot_slot {
	uint64_t open;        /* connections */
	uint64_t lent;        /* buffers */
	uint64_t memory_most; /* bytes that they may take */
	uint64_t heap_calls;
	uint64_t heap_bytes;
};

enum snapshot_phase {
	SNAPSHOT_STARTING,
	SNAPSHOT_READY,
	SNAPSHOT_STOPPING,
};

struct snapshot {
	const struct board *board; /* borrowed */
	int64_t wall_s;
	int64_t mono_ms;
	bool heap_counted; /* this program can: see os/heap.h */
	enum snapshot_phase phase;
	bool has_last; /* a reload or an upgrade ended */
	bool last_ok;
	int64_t last_s;
	char last_text[BOARD_TEXT];
	struct counters sum; /* of all processes that ever were */
	uint64_t respawns;   /* of all slots */
	uint32_t sandbox;    /* what keeps in all that serve; 0: none does */
	unsigned nprocesses;
	unsigned nin_state[BOARD_STATES]; /* of these */
	unsigned nslots;                  /* of slots[] that mean something */
	struct snapshot_slot slots[BOARD_SLOTS];
	/* By slot, in a slot the newest generation first; the place is last. */
	uint64_t order[BOARD_PLACES];
};

/* Fills *snapshot, which is good as long as board is mapped. */
void snapshot_take(struct snapshot *snapshot, const struct board *board,
    const struct clock *clock, bool heap_counted);

/* The word for the phase: "ready". */
const char *snapshot_phase_name(const struct snapshot *snapshot);

/*
 * The process that is number i in order: its place on the board, and what it
 * has counted itself.  False when it has ended meanwhile.
 */
bool snapshot_get_process(const struct snapshot *snapshot, unsigned i,
    struct board_place *place, struct counters *own);

/* How long ago that was, in seconds; 0 when the clock was set back. */
uint64_t snapshot_age_s(const struct snapshot *snapshot, int64_t wall_s);

#endif
