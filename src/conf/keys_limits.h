/* SPDX-License-Identifier: BSD-2-Clause */
/* The keys of [limits]. */
#ifndef CONF_KEYS_LIMITS_H
#define CONF_KEYS_LIMITS_H

#include "conf/keys.h"

/* With their number, which conf/keys.c has to know. */
extern const struct key limits_keys[17];

#endif
