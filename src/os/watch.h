/* SPDX-License-Identifier: BSD-2-Clause */
/* Being told when something in a directory changes (inotify(7)). */
#ifndef OS_WATCH_H
#define OS_WATCH_H

#include <stdbool.h>
#include <stddef.h>

/* A descriptor that becomes readable when there is something; -1 with errno. */
int watch_open(void);

/*
 * Watches the directory that dir_fd has open: files made, written, renamed,
 * removed in it, and the directory itself.  Returns a number that names it in
 * events, the same for the same directory; -1 with errno.
 */
int watch_add(int watch_fd, int dir_fd);

/*
 * True when the file system of fd tells of every change: not so where others
 * can write to it behind the kernel's back (NFS, SMB, 9P, FUSE ...).
 */
bool watch_sees_all(int fd);

struct watch_event {
	int number;   /* of the directory; -1: events were lost */
	bool is_dir;  /* a directory in it, or it itself, came or went */
	bool is_gone; /* it is not watched any more */
};

struct watch_events {
	char bytes[4096] __attribute__((aligned(8)));
	size_t len;
	size_t at;
};

/*
 * Takes the next event, reading more when *events is used up; it starts as
 * zeros.  False when there is nothing more now.
 */
bool watch_next(
    int watch_fd, struct watch_events *events, struct watch_event *event);

#endif
