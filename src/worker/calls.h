/* SPDX-License-Identifier: BSD-2-Clause */
/* The last part of server.sandbox: the system calls of a process that serves.
 */
#ifndef WORKER_CALLS_H
#define WORKER_CALLS_H

#include "conf/conf.h"
#include "os/sandbox_calls.h"

/*
 * This process makes no other system calls from now on than those of its role,
 * if the configuration wants that and it is possible; sets its bit in *parts.
 * 0, or -1 after it logged why: it is required.
 */
int calls_limit(
    const struct conf *conf, enum sandbox_calls_role role, uint32_t *parts);

#endif
