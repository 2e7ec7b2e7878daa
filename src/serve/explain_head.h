/* SPDX-License-Identifier: BSD-2-Clause */
/* The head of an answer, and where each field of it comes from. */
#ifndef SERVE_EXPLAIN_HEAD_H
#define SERVE_EXPLAIN_HEAD_H

#include "serve/explain.h"

/*
 * Writes an empty line and the head, without Date; behind a field stands, in
 * parentheses, what set it.  Returns 0, or -1 with errno ENOMEM.
 */
int explain_head_print(
    const struct explain *explain, const struct reply *reply);

#endif
