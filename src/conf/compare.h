/* SPDX-License-Identifier: BSD-2-Clause */
/* What a reload would change: two configurations side by side, for people. */
#ifndef CONF_COMPARE_H
#define CONF_COMPARE_H

#include "conf/record.h"

/* A configuration, and how many workers it has. */
struct compare_side {
	struct records records;
	unsigned nworkers;
};

/*
 * Prints what differs: sections that come and go, keys with the old value, the
 * new one and where that is from, sockets that open and close, workers, and
 * what a reload cannot change.  Returns how many lines that were.
 */
unsigned compare_print(
    FILE *out, const struct compare_side *old, const struct compare_side *new);

/* True when a key of a section that is there once has the same value in both.
 */
bool compare_is_same(const struct conf *a, const struct conf *b,
    const char *section, const char *key);

#endif
