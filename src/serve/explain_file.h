/* SPDX-License-Identifier: BSD-2-Clause */
/* The steps of an explanation that look at a file: links, sidecars. */
#ifndef SERVE_EXPLAIN_FILE_H
#define SERVE_EXPLAIN_FILE_H

#include "serve/explain.h"

/* Writes what is to say of the resource at explain->path. */
void explain_file_steps(
    const struct explain *explain, const struct resource *resource);

/* Says whether a folder without an index file is listed, and how. */
void explain_file_listing(const struct explain *explain, struct span folder);

/* What is there instead of a file, by the errno of opening it. */
const char *explain_file_error(int error);

#endif
