/* SPDX-License-Identifier: BSD-2-Clause */
/* The other side of command.h: what `tined -s` and `tined diff` do. */
#ifndef MASTER_CLIENT_H
#define MASTER_CLIENT_H

#include <stdbool.h>

#include "conf/conf.h"

/*
 * Finds the master by its pidfile, sends it the word, prints what it answers
 * and, after stop and quit, waits until it is gone.
 * Returns the exit status of the program.
 */
int client_run(const struct conf *conf, const char *word);

/* True for a word that makes the master read its file again. */
bool client_reads_file(const char *word);

/*
 * Finds the master and asks what it serves with: see master/values.h.
 * Returns a descriptor, the caller's, or -1 after it said what is wrong.
 */
int client_fetch_values(const struct conf *conf);

#endif
