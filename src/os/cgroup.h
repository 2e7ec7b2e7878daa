/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many cores and how much memory the control group grants.
 *
 * A container on two of sixty-four cores sees all of them in its affinity
 * mask; the limit is in cpu.max (v2) or cpu.cfs_quota_us (v1), of its own
 * group or of one above.  So it is with memory.max and memory.limit_in_bytes.
 */
#ifndef OS_CGROUP_H
#define OS_CGROUP_H

#include <stdint.h>

#include "core/span.h"

/*
 * The quota in cores, rounded up, from mount (/sys/fs/cgroup) and membership
 * (/proc/self/cgroup): the smallest on the way from our group to the mount.
 * 0 when there is none, or nothing can be read.
 */
unsigned cgroup_cores(const char *mount, const char *membership);

/* The same for memory, in bytes. */
uint64_t cgroup_memory_bytes(const char *mount, const char *membership);

/* "150000 100000" is 2 cores, "max 100000" is 0: no limit. */
unsigned cgroup_parse_max(struct span text);

/* The two v1 files: "150000" and "100000" are 2 cores, "-1" is 0: no limit. */
unsigned cgroup_parse_quota(struct span quota, struct span period);

/*
 * Finds the line of a controller ("cpu"), or the v2 line ("") in the text of
 * /proc/self/cgroup.  *controllers is its second field ("cpu,cpuacct"), *path
 * its third.  False when there is no such line.
 */
bool cgroup_find(struct span membership, struct span controller,
    struct span *controllers, struct span *path);

#endif
