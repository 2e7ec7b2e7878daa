/* SPDX-License-Identifier: BSD-2-Clause */
/* Fields of answers that the server writes itself, or other keys ask for. */
#ifndef CONF_RESERVED_H
#define CONF_RESERVED_H

#include "core/span.h"

/*
 * What to do instead of setting the field, static text that goes on after a
 * semicolon; NULL when a section may set it.  Case does not matter.
 */
const char *reserved_advice(struct span name);

#endif
