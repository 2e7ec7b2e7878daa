/* SPDX-License-Identifier: BSD-2-Clause */
/* The keys of [server]. */
#ifndef CONF_KEYS_SERVER_H
#define CONF_KEYS_SERVER_H

#include "conf/keys.h"

/* With their number, which conf/keys.c has to know. */
extern const struct key server_keys[22];

#endif
