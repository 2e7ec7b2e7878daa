/* SPDX-License-Identifier: BSD-2-Clause */
/* The steps of an explanation that say who asks, and why that one may. */
#ifndef SERVE_EXPLAIN_AUTH_H
#define SERVE_EXPLAIN_AUTH_H

#include "serve/explain.h"

/* Says who asks, if anybody had to know; false when that one gets no file. */
bool explain_auth_steps(const struct explain *explain);

#endif
