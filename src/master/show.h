/* SPDX-License-Identifier: BSD-2-Clause */
/* `tined -s status`: the board as text, for a terminal. */
#ifndef MASTER_SHOW_H
#define MASTER_SHOW_H

#include "master/state.h"

/*
 * Answers a client with the status, in a file without a name: however long it
 * is, nobody waits for who reads it.
 */
void show_answer(struct master *master, struct command_client *client);

#endif
