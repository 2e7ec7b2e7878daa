/* SPDX-License-Identifier: BSD-2-Clause */
/* What kind of file system an open file lies on. */
#ifndef OS_STORAGE_H
#define OS_STORAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum storage {
	STORAGE_DISK,   /* of this machine: its caches tell the truth */
	STORAGE_MEMORY, /* nothing of it ever has to be waited for */
	/*
	 * Somebody else changes it, and nobody tells us; or what is cached of
	 * it, and sendfile(2), are known to give other bytes than read(2).
	 */
	STORAGE_REMOTE,
};

/* Of what fd is open on, O_PATH too; what cannot be asked is a DISK. */
enum storage storage_of(int fd);

/* The name of that file system, where it is REMOTE; else "". */
const char *storage_name(int fd);

/* What is known of the bytes of an open file. */
enum storage_bytes {
	STORAGE_RESIDENT, /* in memory, or behind the end of the file */
	STORAGE_COLD,     /* they have to be read */
	STORAGE_UNKNOWN,  /* this file system does not say */
};

/* Looks whether len bytes from offset on can be had without waiting. */
enum storage_bytes storage_look(int fd, uint64_t offset, size_t len);

/*
 * Sees to it that len bytes from offset on are in memory.  Returns how many
 * there are, fewer at the end of the file, or -1 with errno.
 */
ssize_t storage_warm(int fd, uint64_t offset, size_t len);

/* pread(2), whatever signals come, until len bytes or the end.  -1: errno. */
ssize_t storage_read(int fd, void *out, uint64_t offset, size_t len);

/* The same for what can be had without waiting: EAGAIN where nothing can. */
ssize_t storage_read_now(int fd, void *out, uint64_t offset, size_t len);

#endif
