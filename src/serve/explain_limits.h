/* SPDX-License-Identifier: BSD-2-Clause */
/* The limits of how often the client of a request may ask. */
#ifndef SERVE_EXPLAIN_LIMITS_H
#define SERVE_EXPLAIN_LIMITS_H

#include "serve/explain.h"

/*
 * Writes which limits count for a path, and whether the client is exempt; what
 * it has asked for so far only the server knows.
 */
void explain_limits_steps(const struct explain *explain, struct span path);

#endif
