/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files that may have to be waited for, without the loop waiting.
 *
 * What a decision has to open, and a slice of a file that is not in memory, a
 * thread opens and reads (serve/errand.h); its connection waits in CONN_DISK
 * meanwhile.  The bytes of remote files come by way of a buffer, and not by
 * sendfile(2).
 */
#ifndef WORKER_DISK_H
#define WORKER_DISK_H

#include "worker/step.h"

/* Starts the threads.  0, or -1 with errno. */
int disk_init(struct engine *engine);

/* Ends them; false when some hang: then nothing may be given back. */
bool disk_stop(struct engine *engine);

/* No thread may be left. */
void disk_fini(struct engine *engine);

/* Has a connection wait for what it asked for. */
enum step_next disk_wait(struct conn *conn);

/* What a connection does in CONN_DISK. */
enum step_next disk_step(struct conn *conn);

/* It waited long enough. */
void disk_give_up(struct conn *conn);

/*
 * Reads what can be had without waiting of a file that is to be sent, as
 * pread(2); -1: none.
 */
ssize_t disk_copy(const struct engine *engine, struct file *file, char *out,
    uint64_t offset, size_t len);

/* True when the next slice of the file can be sent without waiting. */
bool disk_has_slice(const struct conn *conn);

/* Gets the slice into memory, or as much of a remote file into out. */
enum step_next disk_read(struct conn *conn);

/* True when more of a listing has to be read, and not by the loop. */
bool disk_list_is_due(
    const struct engine *engine, const struct listing *listing);

/* Has it read. */
enum step_next disk_read_list(struct conn *conn);

#endif
