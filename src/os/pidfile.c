/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lock is a POSIX record lock: F_GETLK names its holder, a forked worker
 * does not inherit it, and it goes when the process goes, however it dies.
 * Closing any descriptor of the file would release it too, so the master
 * opens its pidfile exactly once.
 */
#include "os/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Another master may remove the file between our open and our lock. */
#define PIDFILE_TRIES 16

/* True when fd is still what path names. */
static bool
pidfile_is_current(int fd, const char *path)
{
	struct stat held, named;

	return fstat(fd, &held) == 0 && stat(path, &named) == 0 &&
	       held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

/* Makes the folder of path, if there is one above it. */
static int
pidfile_make_folder(const char *path)
{
	char folder[PATH_MAX];
	size_t len = (size_t)(strrchr(path, '/') - path);

	if (len >= sizeof(folder)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	(void)snprintf(folder, sizeof(folder), "%.*s", (int)len, path);
	/* Another master may be as fast. */
	return mkdir(folder, 0755) == 0 || errno == EEXIST ? 0 : -1;
}

static int
pidfile_create(const char *path)
{
	int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
	mode_t mode = S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH;
	int fd = open(path, flags, mode);

	if (fd == -1 && errno == ENOENT && pidfile_make_folder(path) == 0)
		fd = open(path, flags, mode);
	return fd;
}

int
pidfile_open(const char *path)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int error, fd, i;

	for (i = 0; i < PIDFILE_TRIES; i++) {
		fd = pidfile_create(path);
		if (fd == -1)
			return -1;
		if (fcntl(fd, F_SETLK, &lock) == -1) {
			error = errno == EACCES ? EWOULDBLOCK : errno;
			(void)close(fd);
			errno = error;
			return -1;
		}
		if (pidfile_is_current(fd, path))
			return fd;
		(void)close(fd);
	}
	errno = EWOULDBLOCK;
	return -1;
}

int
pidfile_write(int fd, pid_t pid)
{
	char text[32];
	int len;

	len = snprintf(text, sizeof(text), "%ld\n", (long)pid);
	if (ftruncate(fd, 0) == -1)
		return -1;
	return pwrite(fd, text, (size_t)len, 0) == len ? 0 : -1;
}

pid_t
pidfile_read(const char *path)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int error, fd, rc;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return errno == ENOENT ? 0 : -1;
	rc = fcntl(fd, F_GETLK, &lock);
	error = errno;
	(void)close(fd);
	errno = error;
	if (rc == -1)
		return -1;
	if (lock.l_type == F_UNLCK)
		return 0;
	if (lock.l_pid > 0)
		return lock.l_pid;
	/* The holder lives in a pid namespace that we cannot see. */
	errno = ESRCH;
	return -1;
}

void
pidfile_close(int fd, const char *path)
{
	/* Before the lock goes: afterwards the name may be somebody else's. */
	(void)unlink(path);
	(void)close(fd);
}
