/* SPDX-License-Identifier: BSD-2-Clause */
/* The steps that tell whose request it is, and whether he may. */
#ifndef SERVE_EXPLAIN_GATE_H
#define SERVE_EXPLAIN_GATE_H

#include "serve/explain.h"

/* Says which address counts, where that is of interest. */
void explain_gate_client(const struct explain *explain);

/* Says who may have a path.  False when the client may not. */
bool explain_gate_path(const struct explain *explain, struct span path);

/* The same of the path that was found for the one that was asked for. */
void explain_gate_found(const struct explain *explain);

#endif
