/* SPDX-License-Identifier: BSD-2-Clause */
#include "status/board.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BOARD_MAGIC "tined\r\n"

/* Looks at a sentence that is being written: it soon is not. */
#define BOARD_TRIES 100

static struct board *
board_map(int fd)
{
	void *map = mmap(NULL, sizeof(struct board), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);

	return map == MAP_FAILED ? NULL : map;
}

struct board *
board_create(int *fd)
{
	struct board *board = NULL;

	*fd = memfd_create("tined-board", MFD_CLOEXEC);
	if (*fd == -1)
		return NULL;
	if (ftruncate(*fd, sizeof(struct board)) == 0)
		board = board_map(*fd);
	if (board == NULL) {
		int error = errno;

		(void)close(*fd);
		*fd = -1;
		errno = error;
		return NULL;
	}
	memcpy(board->magic, BOARD_MAGIC, sizeof(board->magic));
	board->layout = BOARD_LAYOUT;
	board->bytes = sizeof(struct board);
	return board;
}

struct board *
board_adopt(int fd)
{
	struct board *board;
	struct stat st;

	if (fstat(fd, &st) == -1)
		return NULL;
	if (st.st_size != sizeof(struct board)) {
		errno = EPROTO;
		return NULL;
	}
	board = board_map(fd);
	if (board == NULL)
		return NULL;
	if (memcmp(board->magic, BOARD_MAGIC, sizeof(board->magic)) == 0 &&
	    board->layout == BOARD_LAYOUT &&
	    board->bytes == sizeof(struct board))
		return board;
	board_unmap(&board);
	errno = EPROTO;
	return NULL;
}

void
board_unmap(struct board **boardp)
{
	/* Fails only for an address that was never mapped. */
	if (*boardp != NULL)
		(void)munmap(*boardp, sizeof(struct board));
	*boardp = NULL;
}

void
board_sweep(struct board *board, pid_t master)
{
	for (uint32_t i = 0; i < board->nplaces; i++) {
		struct board_place *place = &board->places[i];

		if (place->pid != 0 && place->master != master &&
		    kill(place->pid, 0) == -1 && errno == ESRCH)
			board_free(board, place);
	}
}

/* False when it is taken, perhaps by another master at this moment. */
static bool
board_reserve(struct board_place *place)
{
	int32_t nobody = 0;

	if (!__atomic_compare_exchange_n(&place->pid, &nobody, getpid(), false,
		__ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return false;
	place->master = getpid();
	return true;
}

struct board_place *
board_take(struct board *board)
{
	for (uint32_t i = 0; i < BOARD_PLACES; i++) {
		uint32_t nplaces = board->nplaces;

		if (!board_reserve(&board->places[i]))
			continue;
		board->counters[i].now = (struct counters_now){ 0 };
		board->sandbox[i] = 0;
		board->before[i] = board->counters[i];
		while (nplaces <= i &&
		       !__atomic_compare_exchange_n(&board->nplaces, &nplaces,
			   i + 1, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			continue;
		return &board->places[i];
	}
	return NULL;
}

void
board_free(struct board *board, struct board_place *place)
{
	board_counters(board, place)->now = (struct counters_now){ 0 };
	*place = (struct board_place){ 0 };
}

struct counters *
board_counters(struct board *board, const struct board_place *place)
{
	return &board->counters[place - board->places];
}

void
board_get_own(const struct board *board, const struct board_place *place,
    struct counters *own)
{
	*own = board->counters[place - board->places];
	/* One that begins just now may be ahead of what was read before. */
	counters_subtract(own, &board->before[place - board->places]);
}

uint32_t *
board_sandbox(struct board *board, const struct counters *counters)
{
	return &board->sandbox[counters - board->counters];
}

void
board_set_server(struct board *board, const char *version, unsigned generation,
    unsigned nworkers, int64_t wall_s)
{
	board->master = getpid();
	(void)snprintf(board->version, sizeof(board->version), "%s", version);
	board->generation = generation;
	board->nworkers = nworkers;
	if (board->nslots < nworkers)
		board->nslots = nworkers;
	board->loaded_s = wall_s;
}

void
board_set_last(struct board *board, bool ok, int64_t wall_s, const char *text)
{
	board->last_sequence++;
	__atomic_thread_fence(__ATOMIC_RELEASE);
	board->last_ok = ok;
	board->last_s = wall_s;
	(void)snprintf(board->last_text, sizeof(board->last_text), "%s", text);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	board->last_sequence++;
}

bool
board_get_last(const struct board *board, bool *ok, int64_t *wall_s, char *text)
{
	for (int i = 0; i < BOARD_TRIES; i++) {
		uint64_t before =
		    __atomic_load_n(&board->last_sequence, __ATOMIC_ACQUIRE);

		*ok = board->last_ok != 0;
		*wall_s = board->last_s;
		memcpy(text, board->last_text, BOARD_TEXT);
		text[BOARD_TEXT - 1] = '\0';
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (before % 2 == 0 && before == board->last_sequence)
			break;
	}
	return *wall_s != 0;
}

void
board_sum(const struct board *board, struct counters *sum)
{
	*sum = (struct counters){ 0 };
	for (uint32_t i = 0; i < board->nplaces; i++)
		counters_add(sum, &board->counters[i]);
}
