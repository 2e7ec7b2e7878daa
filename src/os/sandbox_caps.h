/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capabilities: a process of root's gives up all of them, and the ways back.
 * Three system calls, so that no library is needed.
 */
#ifndef OS_SANDBOX_CAPS_H
#define OS_SANDBOX_CAPS_H

/*
 * While still privileged: empties the bounding set and locks the secure bits,
 * so that no program gives capabilities to root.  What this process may not
 * do is left out: without CAP_SETPCAP no_new_privs has to suffice.  0, or -1
 * with errno.
 */
int sandbox_caps_bound(void);

/*
 * Empties the ambient, inheritable, permitted and effective sets, and proves
 * it.  0, or -1 with errno.
 */
int sandbox_caps_drop(void);

#endif
