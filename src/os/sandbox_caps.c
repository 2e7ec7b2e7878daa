/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/sandbox_caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Not SECBIT_NO_SETUID_FIXUP itself, but its lock: to become a user must go
 * on taking capabilities away.
 */
#define SANDBOX_CAPS_SECUREBITS                                                \
	(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED |                                \
	    SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |          \
	    SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

/* No kernel has more; it says EINVAL behind its last. */
#define SANDBOX_CAPS_MAX 64

int
sandbox_caps_bound(void)
{
	if (prctl(PR_SET_SECUREBITS, SANDBOX_CAPS_SECUREBITS, 0L, 0L, 0L) ==
		-1 &&
	    errno != EPERM)
		return -1;
	for (unsigned long cap = 0; cap < SANDBOX_CAPS_MAX; cap++) {
		if (prctl(PR_CAPBSET_DROP, cap, 0L, 0L, 0L) != -1)
			continue;
		return errno == EINVAL || errno == EPERM ? 0 : -1;
	}
	return 0;
}

int
sandbox_caps_drop(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
		{ 0 }
	};

	/* EINVAL: a kernel before 4.3, without such a set. */
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0L, 0L, 0L) == -1 &&
	    errno != EINVAL)
		return -1;
	if (syscall(SYS_capset, &header, data) == -1 ||
	    syscall(SYS_capget, &header, data) == -1)
		return -1;
	for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		if ((data[i].effective | data[i].permitted |
			data[i].inheritable) != 0) {
			errno = EPERM;
			return -1;
		}
	return 0;
}
