/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When a worker dies, connections wait in the queues of its sockets, and some
 * are on their way there.  A sibling accepts them until its successor serves.
 */
#ifndef MASTER_RESCUE_H
#define MASTER_RESCUE_H

#include "master/state.h"

/*
 * A worker is gone: its siblings accept for its slot, and for those that it
 * accepted for.
 */
void rescue_begin(struct master *master, const struct slot_process *gone);

/* A worker serves its slot again: nobody else needs to. */
void rescue_end(struct master *master, const struct slot_process *process);

#endif
