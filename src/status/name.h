/* SPDX-License-Identifier: BSD-2-Clause */
/* The words for what is counted by number, the same in every form. */
#ifndef STATUS_NAME_H
#define STATUS_NAME_H

#include "core/counters.h"
#include "status/board.h"

/* Of a process: "serving". */
const char *name_of_state(enum board_state state);

/* What connections wait for, numbered as enum deadline_kind: "idle". */
const char *name_of_wait(unsigned wait);

/* Of an enum method: "GET", or "other". */
const char *name_of_method(unsigned method);

/* Of a first digit of statuses: "2xx". */
const char *name_of_class(unsigned class);

/* Of a bit of enum sandbox_part, by its number: "seccomp". */
const char *name_of_sandbox(unsigned bit);

#endif
