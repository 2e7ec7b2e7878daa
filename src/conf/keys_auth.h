/* SPDX-License-Identifier: BSD-2-Clause */
/* The keys of the sections that say who somebody is. */
#ifndef CONF_KEYS_AUTH_H
#define CONF_KEYS_AUTH_H

#include "conf/keys.h"

/* With their lengths, which conf/keys.c has to know. */
extern const struct key auth_keys[4];
extern const struct key role_keys[1];

#endif
