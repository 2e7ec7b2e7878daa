/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How much of an answer the client takes, by what its kernel confirmed.
 *
 * What is handed to our kernel says little: it may hold megabytes for a client
 * that reads nothing.
 */
#ifndef WORKER_UPTAKE_H
#define WORKER_UPTAKE_H

#include <stdbool.h>
#include <stdint.h>

struct uptake {
	int64_t since_ms; /* when it was looked at last, monotonic; 0: never */
	uint64_t handed;  /* bytes to our kernel since then */
	long unconfirmed; /* by the client then; -1: not known */
};

/* Looks at the socket, and begins anew. */
void uptake_begin(struct uptake *uptake, int fd, int64_t now_ms);

/*
 * True when the client has taken rate bytes a second since then, or anything if
 * rate is 0, or when there is nothing that it could take.
 */
bool uptake_is_enough(
    const struct uptake *uptake, int fd, uint64_t rate, int64_t now_ms);

/* The same, by what the client has not confirmed by now; -1: not known. */
bool uptake_judge(const struct uptake *uptake, long unconfirmed, uint64_t rate,
    int64_t now_ms);

#endif
