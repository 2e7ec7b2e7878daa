/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a master serves with, for `tined diff`.
 *
 * It goes into a file in memory, whose descriptor the client gets beside an
 * empty line: no size is too large, and nobody can make the master wait.
 */
#ifndef MASTER_VALUES_H
#define MASTER_VALUES_H

struct command_client;
struct master;

/*
 * The keys of the records of no section, which come first.  Behind them is the
 * configuration.
 */
#define VALUES_VERSION  "version"
#define VALUES_WORKERS  "workers"  /* how many there are */
#define VALUES_CORES    "cores"    /* that it may use */
#define VALUES_MEMORY   "memory"   /* likewise, in bytes */
#define VALUES_FILE     "file"     /* left out in quick mode */
#define VALUES_OPTION   "option"   /* of -o, one each */
#define VALUES_VARIABLE "variable" /* TINED_..., one each */

/* Answers a client that said COMMAND_VALUES. */
void values_send(struct master *master, struct command_client *client);

#endif
