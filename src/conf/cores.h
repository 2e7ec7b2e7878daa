/* SPDX-License-Identifier: BSD-2-Clause */
/* What server.pin says: which worker stays on which core. */
#ifndef CONF_CORES_H
#define CONF_CORES_H

#include "conf/conf.h"
#include "core/span.h"

/* Reads "3", or "2-5".  0, or -1 when it is neither; no such core may exist. */
int cores_parse(struct span word, unsigned *first, unsigned *last);

/* The core for the worker of a slot; -1: any. */
int cores_of_slot(const struct conf *conf, unsigned slot);

#endif
