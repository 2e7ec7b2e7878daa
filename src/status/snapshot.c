/* SPDX-License-Identifier: BSD-2-Clause */
#include "status/snapshot.h"

_Static_assert(BOARD_PLACES <= 1 << 16 && BOARD_SLOTS <= 1 << 16,
    "struct snapshot: order has 16 bits for a slot and for a place");

/* A master may change any process meanwhile, so each is read once. */
static void
snapshot_add_process(struct snapshot *snapshot, unsigned number)
{
	const struct board_place place = snapshot->board->places[number];
	const struct counters_now *now = &snapshot->board->counters[number].now;
	struct snapshot_slot *slot;

	if (place.pid == 0 || place.generation == 0 ||
	    place.slot >= BOARD_SLOTS)
		return;
	if (place.slot >= snapshot->nslots)
		snapshot->nslots = place.slot + 1;
	if (place.state == BOARD_SERVING) {
		uint32_t sandbox = snapshot->board->sandbox[number];

		snapshot->sandbox = snapshot->nin_state[BOARD_SERVING] == 0
					? sandbox
					: snapshot->sandbox & sandbox;
	}
	if (place.state < BOARD_STATES)
		snapshot->nin_state[place.state]++;
	slot = &snapshot->slots[place.slot];
	slot->open += now->open;
	slot->lent += now->lent;
	slot->memory_most += now->memory_most;
	slot->heap_calls += now->heap_calls;
	slot->heap_bytes += now->heap_bytes;
	snapshot->order[snapshot->nprocesses++] =
	    (uint64_t)place.slot << 48 |
	    (uint64_t)(UINT32_MAX - place.generation) << 16 | number;
}

/* A shell sort: qsort(3) would ask the heap for room. */
static void
snapshot_sort(uint64_t *keys, unsigned n)
{
	unsigned gap = 1;

	while (gap < n / 3)
		gap = 3 * gap + 1;
	for (; gap > 0; gap /= 3)
		for (unsigned i = gap; i < n; i++) {
			uint64_t key = keys[i];
			unsigned at = i;

			for (; at >= gap && keys[at - gap] > key; at -= gap)
				keys[at] = keys[at - gap];
			keys[at] = key;
		}
}

static enum snapshot_phase
snapshot_find_phase(const struct board *board)
{
	if (board->ready != 0)
		return SNAPSHOT_READY;
	return board->loaded_s == 0 ? SNAPSHOT_STARTING : SNAPSHOT_STOPPING;
}

void
snapshot_take(struct snapshot *snapshot, const struct board *board,
    const struct clock *clock, bool heap_counted)
{
	*snapshot = (struct snapshot){ .board = board,
		.wall_s = clock->wall_s,
		.mono_ms = clock->mono_ms,
		.heap_counted = heap_counted,
		.phase = snapshot_find_phase(board) };
	snapshot->has_last = board_get_last(
	    board, &snapshot->last_ok, &snapshot->last_s, snapshot->last_text);
	board_sum(board, &snapshot->sum);
	snapshot->nslots =
	    board->nslots < BOARD_SLOTS ? board->nslots : BOARD_SLOTS;
	for (unsigned i = 0; i < board->nplaces; i++)
		snapshot_add_process(snapshot, i);
	snapshot_sort(snapshot->order, snapshot->nprocesses);
	for (unsigned i = 0; i < BOARD_SLOTS; i++)
		snapshot->respawns += board->slots[i].respawns;
}

const char *
snapshot_phase_name(const struct snapshot *snapshot)
{
	switch (snapshot->phase) {
	case SNAPSHOT_STARTING: return "starting";
	case SNAPSHOT_READY: return "ready";
	case SNAPSHOT_STOPPING: break;
	}
	return "stopping";
}

bool
snapshot_get_process(const struct snapshot *snapshot, unsigned i,
    struct board_place *place, struct counters *own)
{
	const struct board *board = snapshot->board;
	unsigned number = snapshot->order[i] & 0xffff;

	*place = board->places[number];
	board_get_own(board, &board->places[number], own);
	return place->pid != 0 && place->generation != 0;
}

uint64_t
snapshot_age_s(const struct snapshot *snapshot, int64_t wall_s)
{
	return snapshot->wall_s > wall_s ? (uint64_t)(snapshot->wall_s - wall_s)
					 : 0;
}
