/* SPDX-License-Identifier: BSD-2-Clause */
/* The steps of an explanation from a path to a file and its sidecars. */
#ifndef SERVE_EXPLAIN_FILE_H
#define SERVE_EXPLAIN_FILE_H

#include "serve/explain.h"

/* Says what explain->path leads to on explain->site. */
void explain_file_steps(struct explain *explain);

#endif
