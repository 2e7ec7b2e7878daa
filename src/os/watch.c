/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/watch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "os/storage.h"

#define WATCH_MASK                                                             \
	(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_MODIFY |     \
	    IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF |       \
	    IN_ONLYDIR)

/* Events after which a path may lead to another directory. */
#define WATCH_MOVES                                                            \
	(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB)
#define WATCH_SELF (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)

int
watch_open(void)
{
	return inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
}

int
watch_add(int watch_fd, int dir_fd)
{
	char path[32];
	int number;

	/* inotify knows paths only; this one leads to what is open. */
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", dir_fd);
	number = inotify_add_watch(watch_fd, path, WATCH_MASK);
	if (number != -1 || (errno != ENOENT && errno != EACCES) ||
	    fchdir(dir_fd) == -1)
		return number;
	/* Without /proc, as after chroot(2), the other way to what is open. */
	number = inotify_add_watch(watch_fd, ".", WATCH_MASK);
	(void)!chdir("/"); /* nobody asks where we are */
	return number;
}

bool
watch_sees_all(int fd)
{
	return fd != -1 && storage_of(fd) != STORAGE_REMOTE;
}

bool
watch_next(int watch_fd, struct watch_events *events, struct watch_event *event)
{
	struct inotify_event raw;

	if (events->at == events->len) {
		ssize_t n =
		    read(watch_fd, events->bytes, sizeof(events->bytes));

		events->at = 0;
		events->len = n > 0 ? (size_t)n : 0;
		if (n <= 0)
			return false;
	}
	memcpy(&raw, events->bytes + events->at, sizeof(raw));
	events->at += sizeof(raw) + raw.len;
	event->number = (raw.mask & IN_Q_OVERFLOW) != 0 ? -1 : raw.wd;
	event->is_gone = (raw.mask & IN_IGNORED) != 0;
	event->is_dir =
	    (raw.mask & WATCH_SELF) != 0 ||
	    ((raw.mask & IN_ISDIR) != 0 && (raw.mask & WATCH_MOVES) != 0);
	return true;
}
