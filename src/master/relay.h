/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What another program says on its stderr, line by line in our log.
 *
 * However much it says, the master goes on with its work and the log does not
 * grow without end: the first lines tell what is wrong.
 */
#ifndef MASTER_RELAY_H
#define MASTER_RELAY_H

#include "master/outcome.h"

/* Lines that are worth a place in the log. */
#define RELAY_LINES 100

struct relay {
	int fd;          /* of a pipe, ours; -1: nobody is listened to */
	unsigned nlines; /* that were said */
	size_t len;
	char line[1024]; /* which is not whole yet */
};

/* Listens to nobody. */
void relay_init(struct relay *relay);

/* Listens to fd, which it owns, and never waits for it. */
void relay_open(struct relay *relay, int fd);

/*
 * Reads what is there, a pipe full of it at most, and warns of each line.  At
 * the end of file it is closed.
 */
void relay_read(struct relay *relay, struct outcome *outcome);

/* Warns of what is left of the last line, and listens no more. */
void relay_close(struct relay *relay, struct outcome *outcome);

#endif
