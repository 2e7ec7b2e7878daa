/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The structs and numbers are the kernel's (uapi/linux/landlock.h), written
 * here once more, since the headers of most systems are older than kernels
 * that know more.
 */
#include "os/sandbox_files.h"

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/sandbox.h"

/* The same on every architecture. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule       445
#define SYS_landlock_restrict_self  446
#endif

#define SANDBOX_FILES_ASK_VERSION  1u
#define SANDBOX_FILES_PATH_BENEATH 1

#define SANDBOX_FILES_READ_FILE (UINT64_C(1) << 2)
#define SANDBOX_FILES_READ_DIR  (UINT64_C(1) << 3)

/* struct landlock_ruleset_attr; an older kernel takes zeros behind its end. */
struct sandbox_files_ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

/* struct landlock_path_beneath_attr. */
struct sandbox_files_beneath {
	uint64_t allowed;
	int32_t parent_fd;
} __attribute__((packed));

/* What each version can forbid; later ones than the last, the same at least. */
static const struct sandbox_files_ruleset sandbox_files_rights[] = {
	[1] = { .fs = (1 << 13) - 1 },
	[2] = { .fs = (1 << 14) - 1 }, /* link and rename across folders */
	[3] = { .fs = (1 << 15) - 1 }, /* truncate */
	[4] = { .fs = (1 << 15) - 1, .net = 3 }, /* TCP: bind, connect */
	[5] = { .fs = (1 << 16) - 1, .net = 3 }, /* ioctl on devices */
	/* Abstract unix sockets, signals. */
	[6] = { .fs = (1 << 16) - 1, .net = 3, .scoped = 3 },
};

#define SANDBOX_FILES_LAST                                                     \
	(sizeof(sandbox_files_rights) / sizeof(sandbox_files_rights[0]) - 1)

unsigned
sandbox_files_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0,
	    SANDBOX_FILES_ASK_VERSION);

	return abi > 0 ? (unsigned)abi : 0;
}

static int
sandbox_files_allow(int ruleset_fd, int folder_fd)
{
	const struct sandbox_files_beneath rule = {
		.allowed = SANDBOX_FILES_READ_FILE | SANDBOX_FILES_READ_DIR,
		.parent_fd = folder_fd,
	};

	return (int)syscall(SYS_landlock_add_rule, ruleset_fd,
	    SANDBOX_FILES_PATH_BENEATH, &rule, 0u);
}

int
sandbox_files_enter(const int *folder_fds, unsigned n, uint32_t *parts)
{
	unsigned abi = sandbox_files_abi();
	const struct sandbox_files_ruleset *rights;
	int error, fd, rc = 0;

	if (abi == 0)
		return -1;
	rights = &sandbox_files_rights[abi < SANDBOX_FILES_LAST
					   ? abi
					   : SANDBOX_FILES_LAST];
	fd = (int)syscall(
	    SYS_landlock_create_ruleset, rights, sizeof(*rights), 0u);
	if (fd == -1)
		return -1;
	for (unsigned i = 0; i < n && rc == 0; i++)
		rc = sandbox_files_allow(fd, folder_fds[i]);
	if (rc == 0)
		rc = (int)syscall(SYS_landlock_restrict_self, fd, 0u);
	error = errno;
	(void)close(fd);
	errno = error;
	if (rc == -1)
		return -1;
	*parts |= abi << SANDBOX_ABI_SHIFT;
	if (rights->fs != 0)
		*parts |= SANDBOX_FILES;
	if (rights->net != 0)
		*parts |= SANDBOX_NET;
	if (rights->scoped != 0)
		*parts |= SANDBOX_SCOPE;
	return 0;
}
