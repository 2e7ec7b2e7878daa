/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether a page is in memory only preadv2(2) with RWF_NOWAIT tells whoever may
 * read: cachestat(2) and mincore(2) want somebody who may write.
 */
#include "os/storage.h"

#include <errno.h>
#include <linux/magic.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Bytes that the kernel reads ahead together, and gives up much together. */
#define STORAGE_WINDOW_BYTES ((size_t)128 * 1024)

/* For bytes that nobody wants yet. */
#define STORAGE_SCRATCH_BYTES ((size_t)32 * 1024)

/* Magic numbers that <linux/magic.h> does not have. */
#define STORAGE_CIFS_MAGIC   0xFF534D42u
#define STORAGE_GFS2_MAGIC   0x01161970u
#define STORAGE_GPFS_MAGIC   0x47504653u
#define STORAGE_LUSTRE_MAGIC 0x0BD00BD0u
#define STORAGE_PRLFS_MAGIC  0x7C7C6673u
#define STORAGE_VBOXSF_MAGIC 0x786F4256u
#define STORAGE_VMHGFS_MAGIC 0xBACBACBCu

struct storage_remote {
	uint32_t magic;
	const char *name;
};

static const struct storage_remote storage_remotes[] = {
	{ V9FS_MAGIC, "9p" },
	{ AFS_SUPER_MAGIC, "afs" },
	{ CEPH_SUPER_MAGIC, "ceph" },
	{ STORAGE_CIFS_MAGIC, "cifs" },
	{ CODA_SUPER_MAGIC, "coda" },
	{ FUSE_SUPER_MAGIC, "fuse" },
	{ STORAGE_GFS2_MAGIC, "gfs2" },
	{ STORAGE_GPFS_MAGIC, "gpfs" },
	{ STORAGE_LUSTRE_MAGIC, "lustre" },
	{ NCP_SUPER_MAGIC, "ncp" },
	{ NFS_SUPER_MAGIC, "nfs" },
	{ OCFS2_SUPER_MAGIC, "ocfs2" },
	{ STORAGE_PRLFS_MAGIC, "prl_fs" },
	{ SMB_SUPER_MAGIC, "smb" },
	{ SMB2_SUPER_MAGIC, "smb3" },
	{ STORAGE_VBOXSF_MAGIC, "vboxsf" },
	{ STORAGE_VMHGFS_MAGIC, "vmhgfs" },
};

static const struct storage_remote *
storage_find_remote(uint32_t magic)
{
	const size_t n = sizeof(storage_remotes) / sizeof(storage_remotes[0]);

	for (size_t i = 0; i < n; i++)
		if (storage_remotes[i].magic == magic)
			return &storage_remotes[i];
	return NULL;
}

enum storage
storage_of(int fd)
{
	struct statfs fs;
	uint32_t magic;

	if (fstatfs(fd, &fs) == -1)
		return STORAGE_DISK;
	magic = (uint32_t)fs.f_type;
	if (magic == TMPFS_MAGIC || magic == RAMFS_MAGIC)
		return STORAGE_MEMORY;
	return storage_find_remote(magic) == NULL ? STORAGE_DISK
						  : STORAGE_REMOTE;
}

const char *
storage_name(int fd)
{
	const struct storage_remote *remote = NULL;
	struct statfs fs;

	if (fstatfs(fd, &fs) == 0)
		remote = storage_find_remote((uint32_t)fs.f_type);
	return remote == NULL ? "" : remote->name;
}

ssize_t
storage_read_now(int fd, void *out, uint64_t offset, size_t len)
{
	const struct iovec iov = { out, len };
	ssize_t n;

	do
		n = preadv2(fd, &iov, 1, (off_t)offset, RWF_NOWAIT);
	while (n == -1 && errno == EINTR);
	return n;
}

static enum storage_bytes
storage_look_at(int fd, uint64_t offset)
{
	char byte = 0;

	if (storage_read_now(fd, &byte, offset, 1) != -1)
		return STORAGE_RESIDENT;
	return errno == EAGAIN ? STORAGE_COLD : STORAGE_UNKNOWN;
}

enum storage_bytes
storage_look(int fd, uint64_t offset, size_t len)
{
	uint64_t end = offset + len;
	enum storage_bytes bytes = storage_look_at(fd, end - 1);

	/* One page of each window, since one at a time would cost too much. */
	for (; bytes == STORAGE_RESIDENT && offset + 1 < end;
	     offset += STORAGE_WINDOW_BYTES)
		bytes = storage_look_at(fd, offset);
	return bytes;
}

ssize_t
storage_read(int fd, void *out, uint64_t offset, size_t len)
{
	char *to = out;
	size_t done = 0;

	while (done < len) {
		ssize_t n =
		    pread(fd, to + done, len - done, (off_t)(offset + done));

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return done > 0 ? (ssize_t)done : -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

ssize_t
storage_warm(int fd, uint64_t offset, size_t len)
{
	/* What is read once the kernel keeps, for sendfile(2) too. */
	char scratch[STORAGE_SCRATCH_BYTES];
	size_t done = 0;

	while (done < len) {
		size_t part = len - done;
		ssize_t n = storage_read(fd, scratch, offset + done,
		    part < sizeof(scratch) ? part : sizeof(scratch));

		if (n == -1)
			return -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}
