/* SPDX-License-Identifier: BSD-2-Clause */
/* The head of an answer, and where each field of it comes from. */
#ifndef SERVE_EXPLAIN_HEAD_H
#define SERVE_EXPLAIN_HEAD_H

#include "serve/explain.h"

/* Writes an empty line and explain->head, as explain_print() says. */
void explain_head_print(const struct explain *explain);

#endif
