/* SPDX-License-Identifier: BSD-2-Clause */
/* The keys of the sections that say what is served, and how. */
#ifndef CONF_KEYS_SITE_H
#define CONF_KEYS_SITE_H

#include "conf/keys.h"

/* With their lengths, which conf/keys.c has to know. */
extern const struct key site_keys[15];
extern const struct key match_keys[25];
extern const struct key redirect_keys[1];
extern const struct key rewrite_keys[1];
extern const struct key error_pages_keys[2];

#endif
