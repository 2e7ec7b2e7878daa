/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the processes of a server know of each other: memory that they share.
 *
 * The master writes who runs and how reloads went, each worker its own
 * counters; whoever asks for the status reads.  It is a file without a name
 * (memfd_create), so that it survives every process, and a new binary that is
 * handed its descriptor goes on counting.
 */
#ifndef STATUS_BOARD_H
#define STATUS_BOARD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/counters.h"

/* To be raised with every change of the structs below, or of counters. */
#define BOARD_LAYOUT 5

/* Most processes at a time, all that drain included. */
#define BOARD_PLACES 2048

/* Most slots: sock_steer() must be able to name them all. */
#define BOARD_SLOTS 256

/* Bytes of a sentence, its NUL included. */
#define BOARD_TEXT 256

enum board_state {
	BOARD_STARTING, /* forked */
	BOARD_READY,    /* waits for the others of its generation */
	BOARD_SERVING,
	BOARD_DRAINING, /* was told to leave */
};

#define BOARD_STATES 4

/* A worker process. */
struct board_place {
	int32_t pid;    /* 0: this place is free */
	int32_t master; /* the process that forked it */
	uint32_t slot;
	uint32_t generation; /* 0: nobody is there yet */
	uint32_t state;      /* enum board_state */
	uint32_t reserved;   /* 0 */
	int64_t started_s;   /* wall clock */
};

/* A slot, a place for one worker of the generation that serves. */
struct board_slot {
	uint32_t queue;    /* connections that wait to be accepted */
	uint32_t reserved; /* 0 */
	uint64_t respawns; /* of workers that ended by themselves */
};

struct board {
	char magic[8];
	uint32_t layout; /* BOARD_LAYOUT */
	uint32_t bytes;  /* of this struct */
	int32_t master;  /* the process that supervises */
	uint32_t ready;  /* 1: serves and wants more; 0: starts, or stops */
	uint32_t generation;
	uint32_t nworkers;
	uint32_t nslots;     /* that sockets are held for */
	uint32_t nplaces;    /* no place at or behind this was ever used */
	int64_t started_s;   /* the first master of this line; wall clock */
	int64_t loaded_s;    /* the generation that serves; wall clock */
	uint64_t reloads_ok; /* since then */
	uint64_t reloads_failed;
	uint64_t upgrades_ok;
	uint64_t upgrades_failed;
	/* How the last reload or upgrade ended; odd while it is written. */
	uint64_t last_sequence;
	int64_t last_s; /* 0: there was none */
	uint32_t last_ok;
	uint32_t reserved; /* 0 */
	char last_text[BOARD_TEXT];
	char version[32]; /* of the program that supervises */

	struct board_slot slots[BOARD_SLOTS];
	struct board_place places[BOARD_PLACES];
	uint32_t sandbox[BOARD_PLACES]; /* of their processes, as they say */
	struct counters counters[BOARD_PLACES]; /* of the places */
	/* What stood there already when the process of a place began. */
	struct counters before[BOARD_PLACES];
};

/*
 * Makes an empty board.  *fd is its descriptor, which the caller owns.
 * NULL with errno.
 */
struct board *board_create(int *fd);

/*
 * Maps the board of another process that fd is of.  NULL with errno EPROTO:
 * that was another program, or one that laid it out in another way.
 */
struct board *board_adopt(int fd);

/* Unmaps *boardp and sets it to NULL; NULL is allowed. */
void board_unmap(struct board **boardp);

/*
 * Frees the places of processes that are gone, of a master that could not do so
 * itself any more; those of master are its own business.
 */
void board_sweep(struct board *board, pid_t master);

/*
 * A place for a process that begins, its now empty; NULL: all are taken.  It is
 * in our name until the caller says who is there, or frees it: two masters may
 * take places at the same time.
 */
struct board_place *board_take(struct board *board);

/* Its process ended: what it counted stays. */
void board_free(struct board *board, struct board_place *place);

/* The counters of a place. */
struct counters *board_counters(
    struct board *board, const struct board_place *place);

/* What the process of a place has counted itself. */
void board_get_own(const struct board *board, const struct board_place *place,
    struct counters *own);

/* Where the process that counts there writes enum sandbox_part. */
uint32_t *board_sandbox(struct board *board, const struct counters *counters);

/*
 * Writes that the calling process supervises, and that this generation serves
 * from wall_s on.
 */
void board_set_server(struct board *board, const char *version,
    unsigned generation, unsigned nworkers, int64_t wall_s);

/* Writes how a reload or an upgrade ended. */
void board_set_last(
    struct board *board, bool ok, int64_t wall_s, const char *text);

/* Reads it; false when there was none.  text gets BOARD_TEXT bytes. */
bool board_get_last(
    const struct board *board, bool *ok, int64_t *wall_s, char *text);

/* The sum over all places, of processes that are gone too. */
void board_sum(const struct board *board, struct counters *sum);

#endif
