/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a master serves with, for `tined diff`.
 *
 * It goes into a file in memory, whose descriptor the client gets beside an
 * empty line: no size is too large, and nobody can make the master wait.
 */
#ifndef MASTER_SNAPSHOT_H
#define MASTER_SNAPSHOT_H

struct command_client;
struct master;

/*
 * The keys of the records of no section, which come first.  Behind them is the
 * configuration.
 */
#define SNAPSHOT_VERSION  "version"
#define SNAPSHOT_WORKERS  "workers"  /* how many there are */
#define SNAPSHOT_AUTO     "auto"     /* how many server.workers = auto makes */
#define SNAPSHOT_FILE     "file"     /* left out in quick mode */
#define SNAPSHOT_OPTION   "option"   /* of -o, one each */
#define SNAPSHOT_VARIABLE "variable" /* TINED_..., one each */

/* Answers a client that said COMMAND_VALUES. */
void snapshot_send(struct master *master, struct command_client *client);

#endif
