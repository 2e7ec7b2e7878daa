/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file that nobody sees before it is whole.
 *
 * It has no name while it is written (O_TMPFILE), so that nothing is left of it
 * however we end.  A file system that cannot do that gives it a name that
 * begins with a dot, NEWFILE_PREFIX, which the server does not serve.
 */
#ifndef OS_NEWFILE_H
#define OS_NEWFILE_H

#include <stdbool.h>

#define NEWFILE_PREFIX ".tined-new-"

struct newfile {
	int dir_fd;         /* borrowed */
	int fd;             /* to write to */
	char temporary[32]; /* the name so far; "": none */
};

/* Begins a file in the folder that dir_fd has open.  0, or -1 with errno. */
int newfile_open(struct newfile *newfile, int dir_fd);

/*
 * Brings what was written to the disk, and then gives it its name, in place of
 * what has that name.  Closes it either way.  0, or -1 with errno: there is no
 * trace of it then.
 */
int newfile_put(struct newfile *newfile, const char *name);

/* Closes it without a trace. */
void newfile_drop(struct newfile *newfile);

#endif
