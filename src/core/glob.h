/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Patterns of names: `*` stands for any bytes, a slash and none at all
 * included, `?` for one byte; every other byte for itself.
 */
#ifndef CORE_GLOB_H
#define CORE_GLOB_H

#include "core/span.h"

/*
 * True when pattern describes the whole of text.  Takes at most as many steps
 * as the product of their lengths.
 */
bool glob_match(struct span pattern, struct span text);

#endif
