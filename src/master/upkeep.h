/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looking twice a second whether the flag file of a site is there
 * (site.maintenance), so that its workers close it, or open it again.
 */
#ifndef MASTER_UPKEEP_H
#define MASTER_UPKEEP_H

#include "master/state.h"

/* Says how many sites are closed from the beginning, if some are. */
void upkeep_tell(const struct generation *generation);

/* When upkeep_time() has something to do; INT64_MAX: never. */
int64_t upkeep_deadline(const struct master *master);
void upkeep_time(struct master *master);

#endif
