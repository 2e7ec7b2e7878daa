/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What keeps a worker in, as bits: the process itself says on the board which
 * are in force (os/sandbox_*.h), and the status has words for them.
 */
#ifndef CORE_SANDBOX_H
#define CORE_SANDBOX_H

#include <stdint.h>

enum sandbox_part {
	SANDBOX_NO_NEW_PRIVS = 1, /* execve(2) gives no rights */
	SANDBOX_NO_CAPS = 1 << 1, /* no capability in any set */
	SANDBOX_FILES = 1 << 2,   /* Landlock: opens to read, below roots */
	SANDBOX_NET = 1 << 3,     /* Landlock: no TCP bind and connect */
	SANDBOX_SCOPE = 1 << 4,   /* Landlock: no signals to others */
	SANDBOX_CALLS = 1 << 5,   /* seccomp: system calls that it needs */
	SANDBOX_CHROOT = 1 << 6,  /* another root folder */
	/* Takes from SANDBOX_FILES: symbolic links may lead anywhere. */
	SANDBOX_READS_ALL = 1 << 7,
};

#define SANDBOX_PARTS 8

/* Behind the parts: the version of Landlock, 0 without it. */
#define SANDBOX_ABI_SHIFT 16

static inline unsigned
sandbox_abi(uint32_t parts)
{
	return parts >> SANDBOX_ABI_SHIFT;
}

#endif
