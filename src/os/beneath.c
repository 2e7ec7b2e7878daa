/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One openat2(2) where the kernel can do it all, a walk component by component
 * where it cannot: for the owner rule, and on kernels before 5.6.
 *
 * Everything is opened with O_NONBLOCK and O_NOCTTY, so neither a FIFO nor a
 * terminal makes the open wait or changes us; the caller sees in *st what it
 * got and closes it unread.  To learn the type before the open would cost a
 * second lookup for every file (O_PATH and a reopen: 2.5 times the time), to
 * guard against nodes that only root can put into a tree.
 */
#include "os/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BENEATH_FLAGS  (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
#define BENEATH_FOLDER (O_PATH | O_DIRECTORY | O_CLOEXEC)

/* A rename while the kernel walks ".." in a link makes it say EAGAIN. */
#define BENEATH_TRIES 8

/* Links followed for one path; the kernel's own limit is 40. */
#define BENEATH_LINKS 16

/* What a walk carries from component to component. */
struct beneath_walk {
	enum beneath_symlinks symlinks;
	unsigned nlinks;
};

static int beneath_walk_path(
    struct beneath_walk *walk, int dir_fd, const char *path, int flags);

int
beneath_open_root(const char *path)
{
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Closes fd and returns -1 with the errno that was there before. */
static int
beneath_fail(int fd)
{
	int error = errno;

	(void)close(fd);
	errno = error;
	return -1;
}

/* True for a relative path without a ".." component. */
static bool
beneath_path_stays(const char *path)
{
	const char *at;
	size_t len;

	if (*path == '/')
		return false;
	for (at = path; *at != '\0'; at += len + (at[len] == '/')) {
		len = strcspn(at, "/");
		if (len == 2 && at[0] == '.' && at[1] == '.')
			return false;
	}
	return true;
}

static int
beneath_openat2(int root_fd, const char *path, uint64_t resolve)
{
	struct open_how how = { .flags = BENEATH_FLAGS, .resolve = resolve };
	long fd;
	int i;

	for (i = 0; i < BENEATH_TRIES; i++) {
		fd = syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
		if (fd != -1 || (errno != EAGAIN && errno != EINTR))
			return (int)fd;
	}
	return -1;
}

/*
 * Opens what a link in dir_fd leads to, if its owner is the link's.  Both
 * owners are read from descriptors, so nothing can change in between.
 */
static int
beneath_follow(struct beneath_walk *walk, int dir_fd, int link_fd,
    const struct stat *link, int flags)
{
	char target[PATH_MAX];
	struct stat st;
	ssize_t len;
	int fd;

	if (walk->symlinks != BENEATH_OWNER || ++walk->nlinks > BENEATH_LINKS) {
		errno = ELOOP;
		return -1;
	}
	len = readlinkat(link_fd, "", target, sizeof(target) - 1);
	if (len == -1)
		return -1;
	target[len] = '\0';
	fd = beneath_walk_path(walk, dir_fd, target, flags);
	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1)
		return beneath_fail(fd);
	if (st.st_uid != link->st_uid) {
		errno = ELOOP;
		return beneath_fail(fd);
	}
	return fd;
}

/* Opens one component in dir_fd; a link as the policy says. */
static int
beneath_step(struct beneath_walk *walk, int dir_fd, const char *name, int flags)
{
	struct stat st;
	int error, fd, link_fd;

	fd = openat(dir_fd, name, flags | O_NOFOLLOW);
	/* With O_DIRECTORY a link is ENOTDIR, like a plain file. */
	if (fd != -1 || (errno != ELOOP && errno != ENOTDIR))
		return fd;
	error = errno;
	link_fd = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (link_fd == -1)
		return -1;
	if (fstat(link_fd, &st) == -1)
		return beneath_fail(link_fd);
	if (!S_ISLNK(st.st_mode)) {
		errno = error;
		return beneath_fail(link_fd);
	}
	fd = beneath_follow(walk, dir_fd, link_fd, &st, flags);
	if (fd == -1)
		return beneath_fail(link_fd);
	(void)close(link_fd);
	return fd;
}

/* Copies the next component off *path; "." when none is left. */
static int
beneath_next_name(const char **path, char name[NAME_MAX + 1])
{
	size_t len;

	*path += strspn(*path, "/");
	len = strcspn(*path, "/");
	if (len > NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	(void)snprintf(name, NAME_MAX + 1, "%.*s", len == 0 ? 1 : (int)len,
	    len == 0 ? "." : *path);
	*path += len;
	return 0;
}

/* Opens path from dir_fd on; flags are for its last component. */
static int
beneath_walk_path(
    struct beneath_walk *walk, int dir_fd, const char *path, int flags)
{
	char name[NAME_MAX + 1];
	int fd, next_fd;

	fd = openat(dir_fd, *path == '/' ? "/" : ".", BENEATH_FOLDER);
	if (fd == -1)
		return -1;
	for (;;) {
		if (beneath_next_name(&path, name) == -1)
			return beneath_fail(fd);
		/* "a/" is a folder or nothing. */
		if (*path == '\0' && strcmp(name, ".") == 0)
			flags |= O_DIRECTORY;
		next_fd = beneath_step(
		    walk, fd, name, *path == '\0' ? flags : BENEATH_FOLDER);
		if (next_fd == -1)
			return beneath_fail(fd);
		(void)close(fd);
		if (*path == '\0')
			return next_fd;
		fd = next_fd;
	}
}

int
beneath_walk(int root_fd, const char *path, enum beneath_symlinks symlinks)
{
	struct beneath_walk walk = { .symlinks = symlinks };

	return beneath_walk_path(&walk, root_fd, path, BENEATH_FLAGS);
}

/* As the policy says, with whatever this kernel has. */
static int
beneath_open_path(int root_fd, const char *path, enum beneath_symlinks symlinks)
{
	uint64_t resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
	int fd;

	switch (symlinks) {
	case BENEATH_DENY: resolve |= RESOLVE_NO_SYMLINKS; break;
	case BENEATH_WITHIN: break;
	case BENEATH_OWNER: return beneath_walk(root_fd, path, symlinks);
	case BENEATH_FOLLOW:
		return openat(
		    root_fd, *path == '\0' ? "." : path, BENEATH_FLAGS);
	}
	fd = beneath_openat2(root_fd, *path == '\0' ? "." : path, resolve);
	/* EPERM is what some containers say to a system call they filter. */
	if (fd == -1 && (errno == ENOSYS || errno == EPERM))
		fd = beneath_walk(root_fd, path, symlinks);
	return fd;
}

/* Describes what was opened, if it was. */
static int
beneath_describe(int fd, struct stat *st)
{
	if (fd != -1 && fstat(fd, st) == -1)
		return beneath_fail(fd);
	return fd;
}

int
beneath_open(int root_fd, const char *path, enum beneath_symlinks symlinks,
    struct stat *st)
{
	int fd;

	if (!beneath_path_stays(path)) {
		errno = EXDEV;
		return -1;
	}
	fd = beneath_open_path(root_fd, path, symlinks);
	/* A network file system had another idea of it, and knows now. */
	if (fd == -1 && errno == ESTALE)
		fd = beneath_open_path(root_fd, path, symlinks);
	return beneath_describe(fd, st);
}

/* What openat2(2) is asked for, without a wait. */
static uint64_t
beneath_resolve_now(enum beneath_symlinks symlinks)
{
	const uint64_t resolve =
	    RESOLVE_CACHED | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS;

	switch (symlinks) {
	case BENEATH_DENY:
		return resolve | RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
	case BENEATH_WITHIN: return resolve | RESOLVE_BENEATH;
	case BENEATH_FOLLOW: return resolve;
	case BENEATH_OWNER: break;
	}
	return 0;
}

int
beneath_open_now(int root_fd, const char *path, enum beneath_symlinks symlinks,
    struct stat *st)
{
	struct open_how how = { .flags = BENEATH_FLAGS };
	long fd = -1;

	if (!beneath_path_stays(path)) {
		errno = EXDEV;
		return -1;
	}
	how.resolve = beneath_resolve_now(symlinks);
	errno = EAGAIN;
	if (how.resolve != 0)
		fd = syscall(SYS_openat2, root_fd, *path == '\0' ? "." : path,
		    &how, sizeof(how));
	/* A kernel before 5.12 cannot tell, or a container does not let it. */
	if (fd == -1 && (errno == EINVAL || errno == ENOSYS || errno == EPERM))
		return beneath_open(root_fd, path, symlinks, st);
	/* Another file system. */
	if (fd == -1 && (errno == EXDEV || errno == EINTR))
		errno = EAGAIN;
	return beneath_describe((int)fd, st);
}
