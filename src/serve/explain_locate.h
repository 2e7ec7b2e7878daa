/* SPDX-License-Identifier: BSD-2-Clause */
/* The steps of an explanation from the path to the file. */
#ifndef SERVE_EXPLAIN_LOCATE_H
#define SERVE_EXPLAIN_LOCATE_H

#include "serve/explain.h"

/*
 * Writes what was tried for explain->path, which is then that of the file, and
 * what is to say of the file.
 */
void explain_locate_steps(struct explain *explain);

#endif
