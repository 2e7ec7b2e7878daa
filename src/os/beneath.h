/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening files below a directory, where the kernel sees to it that the path
 * does not leave (openat2(2)).
 */
#ifndef OS_BENEATH_H
#define OS_BENEATH_H

#include <sys/stat.h>
#include <sys/types.h>

enum beneath_symlinks {
	BENEATH_DENY,   /* no symbolic link anywhere in the path */
	BENEATH_WITHIN, /* links that stay below the directory */
	BENEATH_OWNER,  /* links whose owner owns what they lead to */
	BENEATH_FOLLOW, /* any link: the tree is trusted */
};

/* Opens a directory as a root; it may itself be a link.  -1 with errno. */
int beneath_open_root(const char *path);

/*
 * Opens path, relative and decoded ("" is the root itself), for reading,
 * without waiting on a FIFO or a device, and describes what was opened in *st.
 * Returns the descriptor, or -1 with errno: ELOOP, EXDEV for a link that the
 * policy refuses or a path that leaves, else as openat(2) says.
 */
int beneath_open(int root_fd, const char *path, enum beneath_symlinks symlinks,
    struct stat *st);

/*
 * The same where it is sure not to wait for a disk: for what the kernel knows
 * already, on the file system of the root.  -1 with EAGAIN: it may wait.  Where
 * the kernel cannot tell (before 5.12) it waits.
 */
int beneath_open_now(int root_fd, const char *path,
    enum beneath_symlinks symlinks, struct stat *st);

/*
 * beneath_open() without openat2(2): component by component.  It follows links
 * under BENEATH_OWNER alone, also those that lead out of the root: each must
 * have the owner of what it leads to, as must every link on the way there.
 * The path has no "..".  Returns the descriptor, or -1 with errno.
 */
int beneath_walk(int root_fd, const char *path, enum beneath_symlinks symlinks);

#endif
