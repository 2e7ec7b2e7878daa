/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
folder_init(struct folder *folder, int fd, void *buf, size_t cap)
{
	*folder = (struct folder){ .fd = fd, .buf = buf, .cap = cap };
}

/* Has the kernel fill the buffer; as folder_next(). */
static int
folder_fill(struct folder *folder)
{
	ssize_t n;

	do
		n = getdents64(folder->fd, folder->buf, folder->cap);
	while (n == -1 && errno == EINTR);
	folder->pos = 0;
	folder->len = n > 0 ? (size_t)n : 0;
	/* A folder that was removed while it is open has nothing more. */
	if (n == -1 && errno == ENOENT)
		return 0;
	return n > 0 ? 1 : (int)n;
}

int
folder_next(struct folder *folder, const char **name)
{
	for (;;) {
		/* The kernel aligns each entry for this type. */
		const struct dirent64 *entry;
		int result;

		if (!folder_has_next(folder)) {
			result = folder_fill(folder);
			if (result != 1)
				return result;
		}
		entry = (const void *)(folder->buf + folder->pos);
		folder->pos += entry->d_reclen;
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		*name = entry->d_name;
		return 1;
	}
}

int
folder_stat(
    const struct folder *folder, const char *name, struct folder_stat *st)
{
	const int flags =
	    AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC;
	struct statx stx;

	/* What a network file system knows already is good enough here. */
	if (statx(folder->fd, name, flags,
		STATX_TYPE | STATX_MODE | STATX_SIZE | STATX_MTIME, &stx) == -1)
		return -1;
	st->mode = stx.stx_mode;
	st->size = stx.stx_size;
	st->mtime_ns =
	    stx.stx_mtime.tv_sec * INT64_C(1000000000) + stx.stx_mtime.tv_nsec;
	return 0;
}

bool
folder_may_open(
    const struct folder *folder, const char *name, const struct folder_stat *st)
{
	uint32_t all = S_ISDIR(st->mode) ? S_IXOTH : S_IROTH;

	/* Nearly everything in a site is for everybody. */
	return (st->mode & all) != 0 ||
	       faccessat(
		   folder->fd, name, S_ISDIR(st->mode) ? X_OK : R_OK, 0) == 0;
}

void
folder_close(struct folder *folder)
{
	if (folder->fd != -1)
		(void)close(folder->fd); /* read-only: nothing is lost */
	folder->fd = -1;
	folder->pos = folder->len = 0;
}
