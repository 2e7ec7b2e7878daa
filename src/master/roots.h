/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Roots whose path leads to another folder now: a link was switched to a new
 * release, or the folder was renamed away and another put in its place.
 *
 * A generation serves the folders that it opened, so the new folder gets a
 * generation of its own, with the same configuration: no request sees a part
 * of the one and a part of the other.
 */
#ifndef MASTER_ROOTS_H
#define MASTER_ROOTS_H

#include "master/state.h"

/* When roots_time() has something to do; INT64_MAX: never. */
int64_t roots_deadline(const struct master *master);

/* Looks, if it is time to; a root that leads elsewhere begins a change. */
void roots_time(struct master *master);

#endif
