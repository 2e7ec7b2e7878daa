/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* Names drawn before we believe that none is free. */
#define NEWFILE_TRIES 16

static void
newfile_draw_name(struct newfile *newfile)
{
	uint64_t number = 0;

	/* If it ever failed: a name that is taken does no harm. */
	(void)!getrandom(&number, sizeof(number), GRND_NONBLOCK);
	(void)snprintf(newfile->temporary, sizeof(newfile->temporary),
	    NEWFILE_PREFIX "%016llx", (unsigned long long)number);
}

/* With a name from the beginning. */
static int
newfile_open_named(struct newfile *newfile)
{
	for (int i = 0; i < NEWFILE_TRIES; i++) {
		newfile_draw_name(newfile);
		newfile->fd = openat(newfile->dir_fd, newfile->temporary,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		    S_IRUSR | S_IWUSR);
		if (newfile->fd != -1)
			return 0;
		if (errno != EEXIST)
			break;
	}
	newfile->temporary[0] = '\0';
	return -1;
}

int
newfile_open(struct newfile *newfile, int dir_fd)
{
	*newfile = (struct newfile){ .dir_fd = dir_fd, .fd = -1 };
	/* What has no name gets one through /proc, if that is there. */
	if (access("/proc/self/fd", X_OK) == 0)
		newfile->fd = openat(dir_fd, ".",
		    O_WRONLY | O_TMPFILE | O_CLOEXEC, S_IRUSR | S_IWUSR);
	else
		errno = EOPNOTSUPP;
	if (newfile->fd != -1)
		return 0;
	/* What the kernel and file systems say that do not know it. */
	if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT &&
	    errno != EINVAL)
		return -1;
	return newfile_open_named(newfile);
}

static int
newfile_link(const struct newfile *newfile, const char *name)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", newfile->fd);
	return linkat(AT_FDCWD, path, newfile->dir_fd, name, AT_SYMLINK_FOLLOW);
}

/* A name to rename from, since a link replaces nothing. */
static int
newfile_link_temporary(struct newfile *newfile)
{
	for (int i = 0; i < NEWFILE_TRIES; i++) {
		newfile_draw_name(newfile);
		if (newfile_link(newfile, newfile->temporary) == 0)
			return 0;
		if (errno != EEXIST)
			break;
	}
	newfile->temporary[0] = '\0';
	return -1;
}

static int
newfile_name(struct newfile *newfile, const char *name)
{
	if (newfile->temporary[0] == '\0') {
		if (newfile_link(newfile, name) == 0)
			return 0;
		if (errno != EEXIST || newfile_link_temporary(newfile) == -1)
			return -1;
	}
	if (renameat(newfile->dir_fd, newfile->temporary, newfile->dir_fd,
		name) == -1)
		return -1;
	newfile->temporary[0] = '\0';
	return 0;
}

int
newfile_put(struct newfile *newfile, const char *name)
{
	int error;

	if (fsync(newfile->fd) == 0 && newfile_name(newfile, name) == 0) {
		/* It is on the disk: there is nothing left to fail. */
		(void)close(newfile->fd);
		newfile->fd = -1;
		return 0;
	}
	error = errno;
	newfile_drop(newfile);
	errno = error;
	return -1;
}

void
newfile_drop(struct newfile *newfile)
{
	if (newfile->temporary[0] != '\0')
		(void)unlinkat(newfile->dir_fd, newfile->temporary, 0);
	if (newfile->fd != -1)
		(void)close(newfile->fd); /* nobody wants it */
	*newfile = (struct newfile){ .dir_fd = -1, .fd = -1 };
}
