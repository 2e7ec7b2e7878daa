/* SPDX-License-Identifier: BSD-2-Clause */
/* Other defaults for other purposes: server.profile. */
#ifndef CONF_PROFILE_H
#define CONF_PROFILE_H

#include "conf/build.h"

/*
 * Sets what the profile of the configuration wants otherwise, where nothing
 * set it; its origin is the line that chose the profile.
 */
void profile_apply(struct build *build);

#endif
